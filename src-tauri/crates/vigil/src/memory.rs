//! What a core of weeks holds of memory: what is freed goes back to the system.
//!
//! The C library's allocator puts each large block between small ones once it has freed one of that size, and then keeps
//! the holes: pictures come and go several times a second, and the process grew by hundreds of megabytes in hours.

/// Blocks of so many bytes and more are mapped one by one, and given back when they are freed.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED_BYTES: i32 = 128 * 1024;

/// Has large blocks be given back when they are freed. Call it first.
pub(crate) fn give_back_large_blocks() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "the C library offers this as a function of its own")]
        // SAFETY: `mallopt` takes two numbers; this one only fixes a threshold that otherwise rises by itself.
        let done = unsafe { nix::libc::mallopt(nix::libc::M_MMAP_THRESHOLD, MAPPED_BYTES) };
        if done == 0 {
            eprintln!("vigil: the allocator keeps its own threshold; memory may grow");
        }
    }
}

#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod tests {
    use super::*;

    fn resident_mib() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    }

    #[test]
    fn what_pictures_took_is_given_back_though_small_things_stay_between_them() {
        give_back_large_blocks();
        // One that is freed would raise the allocator's own threshold above the others.
        drop(std::hint::black_box(vec![1u8; 3 << 20]));
        let before = resident_mib();
        let mut small = Vec::new();
        let large: Vec<Vec<u8>> = (0..120)
            .map(|n| {
                small.push(vec![n as u8; 64]);
                vec![n as u8; 2 << 20]
            })
            .collect();
        let held = resident_mib();
        assert!(held >= before + 200, "{before} MiB, then {held}");
        drop(std::hint::black_box(large));
        let after = resident_mib();
        assert!(after <= before + 40, "{before} MiB, {held} with pictures, {after} without");
        assert_eq!(std::hint::black_box(small).len(), 120);
    }
}
