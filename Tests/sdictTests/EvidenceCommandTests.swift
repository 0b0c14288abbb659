import Foundation
import SpectralFormats
import Testing

/// The commands that measure mixers and claims: JSON, files, wrong use. Never a time.
@Suite struct EvidenceCommandTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
    }

    private func isSVG(_ path: String) throws -> Bool {
        let text = try String(contentsOfFile: path, encoding: .utf8)
        return text.hasPrefix("<svg ") && text.hasSuffix("</svg>\n")
    }

    @Test func benchMixerReportsAndDraws() throws {
        let png = folder.file("mixer.png"), svg = folder.file("mixer.svg")
        let outcome = try Program.run(
            "bench", "mixer", "--tokens", "64,16", "--k", "5,3", "--width", "32", "--runs", "1", "--json", "--png", png, "--svg", svg)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(outcome.objects().first)
        #expect(Set(report.keys) == ["width", "headWidth", "seed", "points", "growth"])
        let points = try #require(report["points"] as? [[String: Any]])
        // Two evaluations and one step for each K, attention twice and its step, on two grids.
        #expect(points.count == (3 * 2 + 3) * 2)
        for point in points {
            #expect(Set(point.keys).isSuperset(of: ["mixer", "tokens", "milliseconds", "peakBytes", "runs"]))
            #expect([16, 64].contains(point["tokens"] as? Int ?? 0) && (point["peakBytes"] as? Int ?? 0) > 0)
        }
        let growth = try #require(report["growth"] as? [[String: Any]])
        #expect(growth.count == 9 && growth.allSatisfy { $0["over"] as? [Int] == [16, 64] })
        let image = try ImageFile.load(png)
        #expect(image.width > 400 && image.height > 300)
        // Something but the ground is drawn.
        #expect(Set(image.pixels).count > 4)
        #expect(try isSVG(svg))

        let text = try Program.run("bench", "mixer", "--tokens", "16,64", "--k", "3", "--width", "32", "--runs", "1", "--memory", "1")
        #expect(text.status == 0 && text.output.contains("ratio") && text.output.contains("tokens^x"))
        for arguments in [
            ["--tokens", "200"], ["--tokens", "16,,64"], ["--k", "0"], ["--width", "33"], ["--runs", "0"], ["--budget", "0"],
        ] {
            let wrong = try Program.run(["bench", "mixer"] + arguments)
            #expect(wrong.status == 2 && wrong.output.isEmpty && wrong.errors.contains("expected"), "\(arguments): \(wrong.errors)")
        }
    }

    @Test func evalClaimsReportsAndDraws() throws {
        let png = folder.file("claims.png"), svg = folder.file("claims.svg"), markdown = folder.file("claims.md")
        let outcome = try Program.run(
            "eval", "claims", "--images", "6", "--controls", "2", "--resamples", "50", "--json", "--png", png, "--svg", svg,
            "--markdown", markdown, "--fusion", "--checkpoint", checkpoint)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(outcome.objects().first)
        #expect(
            Set(report.keys) == ["checkpoint", "hash", "images", "seed", "k", "stacks", "resamples", "bands", "findings"])
        #expect(report["stacks"] as? [String] == ["vision", "fusion"])
        let bands = try #require(report["bands"] as? [[String: Any]])
        #expect(bands.flatMap { $0["atoms"] as? [Int] ?? [] }.sorted() == Array(0..<TinyCheckpoint.visionAtoms))
        for band in bands {
            #expect(Set(band.keys) == ["name", "edges", "atoms", "energyShare", "controls", "isMatched", "effects"])
            let effects = try #require(band["effects"] as? [[String: Any]])
            #expect(effects.last?["row"] as? String == "all" && effects.last?["asked"] as? Int == 60)
            for effect in effects {
                let excess = effect["excess"] as? [String: Double]
                #expect(excess.map { $0["low"]! <= $0["high"]! } ?? true)
            }
        }
        let findings = try #require(report["findings"] as? [[String: Any]])
        #expect(findings.count == 6)
        #expect(findings.allSatisfy { ["supported", "not supported", "undecided"].contains($0["verdict"] as? String) })
        #expect(try ImageFile.load(png).width > 400 && isSVG(svg))
        let document = try String(contentsOfFile: markdown, encoding: .utf8)
        #expect(document.hasPrefix("# What muting") && document.contains("| questions | n |") && document.contains("- The paper: "))

        let text = try Program.run(
            "eval", "claims", "--images", "3", "--controls", "0", "--resamples", "10", "--checkpoint", checkpoint)
        #expect(text.status == 0 && text.output.contains("no controls were asked for") && text.output.contains("The paper: "))
        let twin = try TinyCheckpoint.write(to: folder.file("twin"), preset: .attention)
        let refused = try Program.run("eval", "claims", "--images", "3", "--checkpoint", twin)
        #expect(refused.status == 1 && refused.errors.contains("no atoms"), "\(refused.errors)")
        #expect(try Program.run("eval", "claims", "--images", "0", "--checkpoint", checkpoint).status == 2)
        #expect(try Program.run("eval", "claims", "--k", "7", "--checkpoint", checkpoint).status == 2)
    }

    @Test func evalPointingReports() throws {
        let markdown = folder.file("pointing.md")
        let outcome = try Program.run(
            "eval", "pointing", "--images", "5", "--json", "--markdown", markdown, "--checkpoint", checkpoint)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(outcome.objects().first)
        #expect(Set(report.keys) == ["checkpoint", "hash", "images", "seed", "k", "rows"])
        let rows = try #require(report["rows"] as? [[String: Any]])
        #expect(rows.count == 7 && rows.first?["name"] as? String == "centre of the image")
        for row in rows {
            let box = try #require(row["box"] as? [String: Any]), share = try #require(box["share"] as? Double)
            #expect((0...1).contains(share))
            if let low = box["low"] as? Double, let high = box["high"] as? Double { #expect(low <= share && share <= high) }
        }
        #expect(try String(contentsOfFile: markdown, encoding: .utf8).contains("| a random patch (expected) |"))
        #expect(try Program.run("eval", "pointing", "--images", "0", "--checkpoint", checkpoint).status == 2)
    }

    @Test func evalWithoutASubcommandMeasuresScenes() throws {
        let bare = try Program.run("eval", "--quick", "--images", "2", "--json", "--checkpoint", checkpoint)
        let named = try Program.run("eval", "scenes", "--quick", "--images", "2", "--json", "--checkpoint", checkpoint)
        #expect(bare.status == 0 && named.status == 0)
        #expect(try bare.objects()[0]["hash"] as? String == named.objects()[0]["hash"] as? String)
        let told = try bare.objects()[0]["command"] as? String, name = URL(fileURLWithPath: checkpoint).lastPathComponent
        #expect(told == "sdict eval --images 2 --seed 0 --checkpoint \(name) --quick", "whoever reads it can run it")
        for command in [["bench", "mixer"], ["eval", "scenes"], ["eval", "claims"], ["eval", "pointing"]] {
            let help = try Program.run(command + ["--help"])
            #expect(help.status == 0 && help.output.contains("Examples:") && help.output.contains("USAGE: sdict"))
            #expect(try Program.run("man").output.contains(command.joined(separator: " ")))
        }
    }
}
