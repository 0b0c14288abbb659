import ArgumentParser
import Foundation
import SpectralScreen
import SpectralWorkbench
import Synchronization

/// Where settings come from that the command line leaves open.
struct ConfigOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Read this config in place of $XDG_CONFIG_HOME/sdict/config.json.", valueName: "file"),
        completion: .file(extensions: ["json"]))
    var config: String?

    func validate() throws {
        guard let config else { return }
        if FileManager.default.fileExists(atPath: config) {
            // A file that was asked for by name and says nothing is a slip, not a preference.
            if reading.isBroken { throw ValidationError("--config: \(reading.problems.joined(separator: "; "))") }
            return
        }
        throw ValidationError(
            "--config: there is no file \(config.printable); sdict --print-config prints one to start from")
    }

    /// The config as it was read, once in a run of the program.
    var reading: ConfigReading {
        Self.known.withLock { known in
            let reading = known[config] ?? WorkbenchConfig.read(chosen: config)
            known[config] = reading
            return reading
        }
    }
    private static let known = Mutex<[String?: ConfigReading]>([:])

    /// The config; what is odd about its file is said on standard error, once.
    var settings: WorkbenchConfig {
        let reading = reading
        let isNews = Self.told.withLock { $0.insert(config).inserted }
        if isNews { reading.problems.forEach(Output.warning) }
        return reading.config
    }
    private static let told = Mutex<Set<String?>>([])
}

extension Choice: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }
    public var defaultValueDescription: String { name }
    public static var allValueStrings: [String] { names }
}

extension CompletionKind {
    /// Files that can be looked at.
    static var images: CompletionKind { .file(extensions: ["png", "jpg", "jpeg", "webp"]) }
}
