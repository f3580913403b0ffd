use thrivestack::Identify;

#[derive(serde::Serialize)]
struct Address {
    city: String,
}

#[derive(Identify)]
struct User {
    #[identify(user_id)]
    id: u64,
    #[identify(flatten(prefix = "address_"))]
    address: Address,
    address_city: String,
}

#[derive(Identify)]
struct Company {
    #[identify(user_id)]
    id: u64,
    billing_city: String,
    #[identify(flatten(prefix = "billing_"))]
    billing: Address,
    #[identify(flatten(prefix = "billing_old_"))]
    old_billing: Address,
}

fn main() {}
