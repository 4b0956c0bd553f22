//! What the binary carries so that `gengfu demo` needs nothing beside it: the demo's config and journeys.

/// The demo's config, with `{name}` where its ports stand.
pub(super) const CONFIG: &str = include_str!("../../config/demo.yaml");

/// The demo's journeys and their parts, by path inside the folder of journeys.
pub(super) const JOURNEYS: &[(&str, &str)] = &[
    ("complaint.yaml", include_str!("../../journeys/complaint.yaml")),
    ("esign-frame.yaml", include_str!("../../journeys/esign-frame.yaml")),
    ("fund-purchase.yaml", include_str!("../../journeys/fund-purchase.yaml")),
    ("home-assets.yaml", include_str!("../../journeys/home-assets.yaml")),
    ("loan-rate.yaml", include_str!("../../journeys/loan-rate.yaml")),
    ("login-two-factor.yaml", include_str!("../../journeys/login-two-factor.yaml")),
    ("login.yaml", include_str!("../../journeys/login.yaml")),
    ("messages.yaml", include_str!("../../journeys/messages.yaml")),
    ("prospectus-popup.yaml", include_str!("../../journeys/prospectus-popup.yaml")),
    ("settings-privacy.yaml", include_str!("../../journeys/settings-privacy.yaml")),
    ("statement-download.yaml", include_str!("../../journeys/statement-download.yaml")),
    ("transactions.yaml", include_str!("../../journeys/transactions.yaml")),
    ("transfer-confirm.yaml", include_str!("../../journeys/transfer-confirm.yaml")),
    ("wealth-product.yaml", include_str!("../../journeys/wealth-product.yaml")),
    ("oracles/assets.csv", include_str!("../../journeys/oracles/assets.csv")),
    ("oracles/customers.csv", include_str!("../../journeys/oracles/customers.csv")),
    ("oracles/entries.csv", include_str!("../../journeys/oracles/entries.csv")),
    ("oracles/funds.csv", include_str!("../../journeys/oracles/funds.csv")),
    ("oracles/loans.csv", include_str!("../../journeys/oracles/loans.csv")),
    ("oracles/holdings.csv", include_str!("../../journeys/oracles/holdings.csv")),
    ("oracles/products.yaml", include_str!("../../journeys/oracles/products.yaml")),
    ("oracles/wealth.csv", include_str!("../../journeys/oracles/wealth.csv")),
    ("shared/at-home.yaml", include_str!("../../journeys/shared/at-home.yaml")),
    ("shared/go.yaml", include_str!("../../journeys/shared/go.yaml")),
    ("shared/leave.yaml", include_str!("../../journeys/shared/leave.yaml")),
    ("shared/login.yaml", include_str!("../../journeys/shared/login.yaml")),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    fn every_journey_of_the_demo_is_carried() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("journeys");
        let mut there = BTreeSet::new();
        for (folder, prefix) in
            [(root.clone(), ""), (root.join("oracles"), "oracles/"), (root.join("shared"), "shared/")]
        {
            for entry in std::fs::read_dir(folder).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if name.ends_with(".yaml") || name.ends_with(".csv") {
                    there.insert(format!("{prefix}{name}"));
                }
            }
        }
        let carried: BTreeSet<String> = JOURNEYS.iter().map(|(path, _)| (*path).to_owned()).collect();
        assert_eq!(
            carried, there,
            "list every file of journeys/, journeys/oracles/ and journeys/shared/ in src/app/embedded.rs"
        );
    }
}
