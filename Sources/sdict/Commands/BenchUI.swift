import ArgumentParser
import Foundation
import SpectralEngine
import SpectralFormats
import SpectralLens
import SpectralScreen
import SpectralWorkbench

extension BenchCommand {
    struct UIBench: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "ui",
            abstract: "Time the workbench: from a key to its frame while the engine works, and from Esc to the engine at rest.",
            discussion: """
                The workbench runs in its own loop on a pseudo terminal, and keys are typed into that: moving about, \
                other screens, text. Key to frame: from the key's byte being written to the frame with what it did \
                having been handed to the terminal, while an answer is made or its atoms are measured. Esc to rest: \
                from the key to nothing running any more, for a caption, the measuring of its atoms, a look at what \
                muting an atom does, the atoms' use over the images, a search for images on which two K disagree, and \
                the replay of a session (of one made up for it, about the bundled images).

                With --json: checkpoint, keyToFrame [{columns, rows, keys, p50, p99, max}], escapeToRest [{work, runs, \
                p50, max}]; milliseconds, absent where there was nothing to measure.
                """)

        @Option(parsing: .unconditional, help: ArgumentHelp("Keys for each size.", valueName: "n"))
        var keys = 400

        @Option(parsing: .unconditional, help: ArgumentHelp("Times Esc is pressed for each kind of work.", valueName: "n"))
        var runs = 20

        @Option(help: ArgumentHelp("Sizes of the screen, columns x rows, separated by commas.", valueName: "list"))
        var sizes = "80x24,200x60"

        @Option(parsing: .unconditional, help: "Vision atoms of every answer, 1 to the checkpoint's own (default: all).")
        var k: Int?

        @OptionGroup var common: Common

        func validate() throws {
            for (name, value) in [("keys", keys), ("runs", runs)] {
                guard (1...1_000_000).contains(value) else {
                    throw ValidationError("--\(name) is out of range: expected 1 to 1000000, found \(value)")
                }
            }
            _ = try parsedSizes()
        }

        private func parsedSizes() throws -> [ScreenSize] {
            try sizes.split(separator: ",", omittingEmptySubsequences: false).map {
                try ScreenSize(String($0), option: "--sizes")
            }
        }

        func run() async throws {
            let options = WorkbenchOptions(checkpoint: common.checkpoint ?? Bundled.defaultCheckpoint, k: k)
            let config = try CheckpointFolder(path: Bundled.checkpointPath(options.checkpoint)).config
            try ModelOptions.check(k: k, of: config)
            guard config.preset != .attention else { throw LensError.noAtoms(operation: "timing the measuring of atoms") }
            var latencies: [UITimes.KeyToFrame] = [], rests: [UITimes.EscapeToRest] = []
            let keys = keys, runs = runs, seed = common.seed
            for size in try parsedSizes() {
                let times = try await DrivenWorkbench.run(options, size: size) { try $0.keyToFrame(keys, seed: seed) }
                latencies.append(UITimes.KeyToFrame(size, times))
            }
            for work in EscapedWork.allCases {
                let times = try await DrivenWorkbench.run(options, size: ScreenSize(rows: 40, columns: 120)) {
                    try $0.escapeToRest(work, runs)
                }
                rests.append(UITimes.EscapeToRest(work, times))
            }
            let report = UITimes(checkpoint: options.checkpoint, keyToFrame: latencies, escapeToRest: rests)
            if common.json { try Output.json(report) } else { report.lines.forEach(Output.line) }
        }
    }
}

/// The figures, milliseconds.
struct UITimes: Encodable {
    struct KeyToFrame: Encodable {
        let columns: Int
        let rows: Int
        let keys: Int
        let p50: Double?
        let p99: Double?
        let max: Double?

        init(_ size: ScreenSize, _ times: [Double]) {
            (columns, rows, keys) = (size.columns, size.rows, times.count)
            (p50, p99, max) = (UITimes.rank(times, 0.5), UITimes.rank(times, 0.99), UITimes.rank(times, 1))
        }
    }
    struct EscapeToRest: Encodable {
        let work: String
        let runs: Int
        let p50: Double?
        let max: Double?

        init(_ work: EscapedWork, _ times: [Double]) {
            (self.work, runs, p50, max) = (work.rawValue, times.count, UITimes.rank(times, 0.5), UITimes.rank(times, 1))
        }
    }
    let checkpoint: String
    let keyToFrame: [KeyToFrame]
    let escapeToRest: [EscapeToRest]

    /// The smallest of the times that so large a share of them does not exceed.
    private static func rank(_ times: [Double], _ share: Double) -> Double? {
        guard !times.isEmpty else { return nil }
        let place = Int((share * Double(times.count)).rounded(.up)) - 1
        return times.sorted()[Swift.min(Swift.max(0, place), times.count - 1)].rounded(digits: 3)
    }

    var lines: [String] {
        func figure(_ value: Double?) -> String { value.map { String(format: "%.2f", $0) } ?? "none" }
        var table = [["key to frame, ms", "keys", "p50", "p99", "max"]]
        table += keyToFrame.map { ["\($0.columns)x\($0.rows)", "\($0.keys)", figure($0.p50), figure($0.p99), figure($0.max)] }
        var rest = [["Esc to rest, ms", "runs", "p50", "max"]]
        rest += escapeToRest.map { [$0.work, "\($0.runs)", figure($0.p50), figure($0.max)] }
        return TextTable.aligned(table) + [""] + TextTable.aligned(rest)
    }
}

/// What Esc is to stop.
enum EscapedWork: String, CaseIterable, Sendable { case caption, measuring, lens, survey, search, replay }

extension DrivenWorkbench {
    private static let questions = ["what color is it?", "how many objects are there?", "is there a circle?"]

    /// Milliseconds of so many keys pressed while the engine worked; fewer where it was always done too soon.
    func keyToFrame(_ count: Int, seed: UInt64) throws -> [Double] {
        let keys: [Key] = Array("jkhlgG12345").map { .character($0) } + [.tab, .tab]
        var random = SceneRandom(seed: seed), times: [Double] = [], asked = 0
        while times.count < count, asked <= 20 * count {
            let before = frame
            guard before.isAnswering || before.isMeasuring else {
                try ask(Self.questions[asked % Self.questions.count])
                asked += 1
                continue
            }
            times.append(try press(keys.randomElement(using: &random) ?? .tab))
        }
        return times
    }

    /// Milliseconds from Esc to nothing running, of those that came in time to stop something.
    func escapeToRest(_ work: EscapedWork, _ runs: Int) throws -> [Double] {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("sdict-bench-\(UUID().uuidString).jsonl")
        defer { try? FileManager.default.removeItem(at: scratch) }
        try prepare(work, scratch.path)
        var times: [Double] = []
        for run in 0..<runs {
            try begin(work, run)
            let start = ContinuousClock.now
            try press(.escape)
            let end = try wait(for: "the end of the work") { $0.isIdle }
            if wasStopped(work, end) { times.append(end.idleTime.duration(since: start)) }
            try rest()
        }
        return times
    }

    private func wasStopped(_ work: EscapedWork, _ frame: ShownFrame) -> Bool {
        switch work {
        case .caption: frame.answer == .cancelled
        case .measuring: frame.measurement == .stopped
        case .lens: frame.lens == .stopped
        case .survey: frame.survey == .stopped
        case .search: frame.hasStoppedComparing
        case .replay: frame.replay == .stopped
        }
    }

    /// What has to be there before such work can begin.
    private func prepare(_ work: EscapedWork, _ scratch: String) throws {
        switch work {
        case .caption, .measuring: break
        case .lens:
            try ask(Self.questions[0])
            try rest()
        case .survey:
            try leavePrompt()
            try press(key(for: .go(.atoms)))
        case .search:
            try leavePrompt()
            try press(key(for: .go(.compare)))
            try rest()
        case .replay:
            try leavePrompt()
            try press(key(for: .go(.sessions)))
            try write(scratch, after: .recordSession)
            for run in 0..<6 {
                try ask(Self.questions[run % Self.questions.count])
                try rest()
            }
            try press(key(for: .go(.sessions)))
            try write(scratch, after: .openSession)
            try wait(for: "the session") { $0.hasSession }
        }
    }

    /// Starts work and waits until a part of it is done, another in every run, or all of it.
    private func begin(_ work: EscapedWork, _ run: Int) throws {
        switch work {
        case .caption:
            try leavePrompt()
            try press(key(for: .caption))
            try wait(for: "a caption") { $0.answer != .waiting && (!$0.isAnswering || $0.tokens >= run % 4) }
        case .measuring:
            try leavePrompt()
            try press(key(for: .caption))
            try wait(for: "atoms being measured") { frame in
                guard !frame.isAnswering, frame.measurement != .none else { return false }
                return !frame.isMeasuring || frame.stacks >= run % 3
            }
        case .lens:
            // Another atom each time, for what is known is not run again.
            if frame.focus.screen == .lens { try press(key(for: .removeAllEdits)) }
            try press(key(for: .go(.ask)))
            try leavePrompt()
            while frame.focus != .atoms { try press(.tab) }
            try press(key(for: .down))
            try press(key(for: .muteAtom))
            try wait(for: "a look at an edit") { $0.lens != nil && ($0.lens != .running || $0.controls >= run % 6) }
        case .survey:
            // Another K each time, likewise.
            try write("k \(run + 1)", after: .palette)
            try press(key(for: .measureUsage))
            try wait(for: "the use of atoms") { $0.survey != .none && ($0.survey != .running || $0.surveyed >= run % 4) }
        case .search:
            try press(key(for: .nextDisagreement))
            try wait(for: "a search") { !$0.isSearching || $0.searched >= run % 4 }
        case .replay:
            try press(key(for: .replaySession))
            try wait(for: "a replay") { $0.replay != .underWay || $0.replayed >= run % 4 }
        }
    }

    /// Opens a line by its key, writes it anew and sends it.
    private func write(_ line: String, after command: Command) throws {
        try press([key(for: command), .control("u")] + line.map { .character($0) } + [.enter])
    }

    private func ask(_ question: String) throws {
        if frame.focus != .prompt { try press([key(for: .go(.ask))]) }
        if frame.focus != .prompt { try press([key(for: .ask)]) }
        try press([.control("u")] + question.map { .character($0) } + [.enter, .tab])
    }

    private func leavePrompt() throws { if frame.focus == .prompt { try press(.tab) } }

    private func rest() throws { try wait(for: "rest") { $0.isIdle && !$0.isAnswering && !$0.isMeasuring } }
}
