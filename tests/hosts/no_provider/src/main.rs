//! A host that chooses its provider when it starts, and gives none to reqwest.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    #[cfg(feature = "sdk")]
    hosts_sdk::start_without_provider();
    println!("{:?}", rustls::crypto::ring::default_provider().install_default().is_ok());
    ask().await;
    #[cfg(feature = "sdk")]
    hosts_sdk::deliver();
    ask().await;
}

async fn ask() {
    let endpoint = std::env::var("HOSTS_HTTPS").unwrap();
    let response = reqwest::Client::new().get(endpoint).send().await.unwrap();
    println!("{:?} {} {:?}", response.version(), response.status(), response.text().await.unwrap());
}
