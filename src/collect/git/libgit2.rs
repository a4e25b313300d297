//! The switches of libgit2, in one place: they are global, and setting them is the only unsafe code of the program.

use std::sync::Once;

/// Sets libgit2's switches; must run before any other use of it, and does nothing after the first time.
pub(super) fn init() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Packs carry their own checksums, verified when they were written; hashing each object again costs half of
        // all reading.
        git2::opts::strict_hash_verification(false);
        // Each object is read once: a cache would only hold memory.
        git2::opts::enable_caching(false);
        set();
    });
}

#[expect(unsafe_code, reason = "git2 marks setters of process-wide state as unsafe")]
fn set() {
    use git2::ConfigLevel;
    // The results are not looked at: a switch that cannot be set leaves libgit2 stricter, not wrong.
    // SAFETY: `init` calls this once, before any other thread uses libgit2.
    unsafe {
        // Nothing of a repository is ever run, so it does not matter whose it is.
        let _ = git2::opts::set_verify_owner_validation(false);
        // A blobless clone has all its trees; what it lacks is a gap.
        let _ = git2::opts::set_extensions(&["partialclone"]);
        // No configuration but the repository's own, which says how it is stored.
        for level in [ConfigLevel::ProgramData, ConfigLevel::System, ConfigLevel::XDG, ConfigLevel::Global] {
            let _ = git2::opts::set_search_path(level, "");
        }
        // Small windows: a pack is read from end to end, and what was read is not needed again.
        let _ = git2::opts::set_mwindow_size(4 << 20);
        let _ = git2::opts::set_mwindow_mapped_limit(32 << 20);
    }
}
