//! Arguments → command.

/// Allocates on many threads with less contention than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    perception::cli::run(std::env::args_os())
}
