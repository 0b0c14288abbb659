import Foundation

/// Keeps SIGINT and SIGTERM off the calling thread and those it starts: they wait for a thread, or a signal source, that takes
/// them.
///
/// For every thread that multiplies in a process that handles those signals. Where the inner extent is above about 250,
/// oneDNN's `sgemm` points the stack pointer into its work space on the heap, and a handler that starts meanwhile overwrites
/// whatever lies below it (oneDNN issue 4845, mended in 3.11): weights, or what the allocator keeps.
public func blockInterrupts() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
}
