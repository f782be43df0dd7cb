//! Scenarios and seed data are compiled in; a change in their folders must be seen.

fn main() {
    println!("cargo:rerun-if-changed=../../scenarios");
    println!("cargo:rerun-if-changed=../../seed-data");
}
