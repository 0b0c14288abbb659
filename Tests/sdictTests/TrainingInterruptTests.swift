import Foundation
import Testing

/// Ctrl-C while a run multiplies.
@Suite struct TrainingInterruptTests {
    /// A signal handler on a thread that multiplies overwrites the heap (see `blockInterrupts`): all of them have the signals
    /// blocked, and still one ends the run after its step, with a checkpoint and a state to go on from.
    @Test func noThreadIsStoppedForTheSignalThatEndsTheRun() throws {
        let folder = try TemporaryFolder(), run = folder.file("run")
        let config = try folder.write(
            "endless.json",
            Array(
                """
                {"name": "endless", "logEvery": 1, "model": \(WorkflowTests.model),
                 "stages": [{"name": "see", "steps": 1000000, "images": 2, "captions": 0, "questions": 0, "groundings": 0}]}
                """.utf8))
        let output = Pipe()
        let process = try start(["train", config, "--run", run], output: output.fileHandleForWriting.fileDescriptor)
        try output.fileHandleForWriting.close()
        let first = try #require(try output.fileHandleForReading.read(upToCount: 1))

        let tasks = "/proc/\(process)/task"
        let masks = try FileManager.default.contentsOfDirectory(atPath: tasks).map { task in
            let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
            let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") })
            return try #require(UInt64(line.split(separator: "\t")[1], radix: 16))
        }
        #expect(masks.count >= 2, "the run's two workers")
        for number in [SIGINT, SIGTERM] { #expect(masks.allSatisfy { $0 >> (number - 1) & 1 == 1 }, "signal \(number)") }

        kill(process, SIGINT)
        let rest = String(decoding: try first + (output.fileHandleForReading.readToEnd() ?? Data()), as: UTF8.self)
        var status: Int32 = -1
        #expect(waitpid(process, &status, 0) == process && status == 0, "ended by itself, with success")
        #expect(rest.contains(" of 1000000: checkpoint in \(run)/checkpoint"), "\(rest)")
        let resumed = try Program.run("train", config, "--run", run, "--until", "1")
        #expect(resumed.status == 0 && resumed.output.hasPrefix("resuming at step "), "\(resumed.errors)")
    }

    /// The program with no signal blocked, as a shell starts it: the tests' own threads have them blocked.
    private func start(_ arguments: [String], output: Int32) throws -> pid_t {
        let tests = try #require(Bundle.main.executableURL)
        let program = tests.deletingLastPathComponent().appendingPathComponent("sdict").path
        var attributes = posix_spawnattr_t(), actions = posix_spawn_file_actions_t(), none = sigset_t(), process: pid_t = 0
        posix_spawnattr_init(&attributes)
        posix_spawn_file_actions_init(&actions)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
        }
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        try #require(posix_spawn(&process, program, &actions, &attributes, &words, environ) == 0)
        return process
    }
}
