//! Pseudo-random numbers, the same in every run.

pub(super) struct Dice(pub(super) u64);

impl Dice {
    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    /// A path of a few names, so that paths occur again, and above and below each other.
    pub(super) fn path(&mut self) -> String {
        let parts = ["a", "a-", "a.b", "ab", "a0", "b", "versions", "1.toml", "10.toml"];
        let parts: Vec<&str> = (0..=self.roll(3)).map(|_| parts[self.roll(parts.len())]).collect();
        parts.join("/")
    }
}
