// Measures the use of the atoms and how alike they are: one image is one unit of the engine's work.

import Foundation
import SpectralEngine
import SpectralLens
import SpectralModel

extension Runner {
    /// One line to standard error, which is the log while the screen is up.
    @Sendable static func log(_ line: String) { try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8)) }

    func measureUsage(_ number: Int, _ paths: [String], k: Int?) async {
        guard let engine else { return mailbox.post(.usage(.failed(number, "there is no checkpoint"))) }
        let mailbox = mailbox
        do {
            let usage = try await UsageSurvey(engine, cache: usageCache, k: k).run(paths) { progress in
                if let problem = progress.problem {
                    let name = progress.path.split(separator: "/").last.map(String.init) ?? progress.path
                    mailbox.post(
                        .imageRead(path: progress.path, .broken(problem.replacingOccurrences(of: progress.path, with: name))))
                }
                mailbox.post(
                    .usage(.progress(number, done: progress.done, total: progress.total, unreadable: progress.unreadable)))
                if let usage = progress.usage { mailbox.post(.usage(.known(number, usage))) }
            }
            mailbox.post(.usage(.known(number, usage)))
            mailbox.post(.usage(.ended(number)))
        } catch { mailbox.post(.usage(.failed(number, "\(error)"))) }
    }

    func coherence(of stack: AtomStack) async {
        guard let engine, let made = await engine.withModel({ $0.coherence(of: stack) }) else { return }
        mailbox.post(.coherent(made))
    }
}
