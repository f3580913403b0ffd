//! A host that uses reqwest as its documentation begins: `Client::new()` and a request.

#[tokio::main(flavor = "current_thread")]
async fn main() {
    ask().await;
    #[cfg(feature = "sdk")]
    hosts_sdk::deliver();
    ask().await;
}

async fn ask() {
    let endpoint = std::env::var(if cfg!(feature = "https") { "HOSTS_HTTPS" } else { "HOSTS_HTTP" });
    let response = reqwest::Client::new().get(endpoint.unwrap()).send().await.unwrap();
    println!("{:?} {} {:?}", response.version(), response.status(), response.text().await.unwrap());
}
