//! Embedded files that the compiler does not watch by itself.
fn main() {
    for watched in [
        "migrations",
        "locales",
        "static",
        "questionnaires",
        "methods",
        "schemes",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }
}
