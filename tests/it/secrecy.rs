//! The key shows in the header of a request and nowhere else.

use std::fmt::Debug;

use thrivestack::{Client, Config};

use thrivestack_tests::Scripted;

const KEY: &str = "7Hq+vASNFZ4mrze8BI0Vnia/N7wEjRWeJq83+Wd0Ztg=";

fn assert_secret(what: &str, text: &str) {
    assert!(!text.contains(KEY) && !text.contains(&KEY[..20]), "{what} shows the key: {text}");
}

#[test]
fn no_debug_of_a_public_type_shows_the_key() {
    let server = Scripted::start([]);
    let config = || Config::new(KEY).endpoint(server.endpoint());
    let client = Client::new(config()).unwrap();
    let debugged: [(&str, &dyn Debug); 8] = [
        ("Config", &config()),
        ("Client", &client),
        ("TrackCall", &client.track("a_b").user_id(1)),
        ("IdentifyCall", &client.identify(1)),
        ("GroupCall", &client.group(1)),
        ("PageCall", &client.page("a")),
        ("Call", &thrivestack::Call::from(client.page("a"))),
        ("Stats", &client.stats()),
    ];
    for (name, value) in debugged {
        assert_secret(name, &format!("{value:?} {value:#?}"));
    }
    let unsendable = Client::new(Config::new(format!("{KEY}\n"))).unwrap_err();
    assert_secret("Error", &format!("{unsendable:?} {unsendable}"));
    let again = client.set_api_key(format!("{KEY} ")).unwrap_err();
    assert_secret("Error", &format!("{again:?} {again}"));
}
