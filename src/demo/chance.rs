//! Chance that repeats: the same seed and the same name always fall the same way.

/// Spreads `seed` and `name` over all 64 bits (FNV-1a, then the SplitMix64 finish).
pub(super) fn mix(seed: u64, name: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Whether `name` falls within `percent` of a hundred for this `seed`.
pub(super) fn falls_within(seed: u64, name: &str, percent: u8) -> bool {
    mix(seed, name) % 100 < u64::from(percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_come_out_right_and_repeat() {
        let check = |percent: u8| {
            let hits = (0..10_000).filter(|n| falls_within(*n, "BF10", percent)).count();
            let wanted = usize::from(percent) * 100;
            assert!(hits.abs_diff(wanted) < 250, "{percent} %: {hits} of 10000");
        };
        [0, 10, 30, 100].into_iter().for_each(check);
        assert_eq!(mix(7, "a"), mix(7, "a"));
        assert_ne!(mix(7, "a"), mix(8, "a"));
    }
}
