//! Serves the product on port 3000, with its data in memory.

use axum_saas::{App, Result, router};
use thrivestack::Config;

#[tokio::main]
async fn main() -> Result<()> {
    // `thrivestack` tells what goes wrong through `tracing`, once per episode.
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    // The key comes from THRIVESTACK_API_KEY. Without one, an error is logged and the product runs without telemetry.
    // The guard delivers what is queued when `main` ends.
    let _guard = thrivestack::init_or_disabled(Config::from_env());

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("listens at http://{}", listener.local_addr()?);
    let interrupted = async { drop(tokio::signal::ctrl_c().await) };
    axum::serve(listener, router(App::in_memory()?)).with_graceful_shutdown(interrupted).await?;
    Ok(())
}
