import Foundation
import Testing

/// `sdict atoms --usage` and `--coherence`, as scripts use them.
@Suite struct AtomsUsageTests {
    let folder: TemporaryFolder
    let checkpoint: String

    init() throws {
        folder = try TemporaryFolder()
        checkpoint = try TinyCheckpoint.write(to: folder.file("tiny"))
    }

    private func run(_ arguments: String...) throws -> Program.Outcome {
        try Program.run(["atoms"] + arguments + ["--checkpoint", checkpoint], environment: ["XDG_CACHE_HOME": folder.file("cache")])
    }

    @Test func ofNoImageThereIsNoUseToTell() throws {
        let image = try folder.write("cut.png", Data("not an image".utf8))
        for arguments in [["--usage", image], ["--usage", image, "--json"]] {
            let outcome = try Program.run(["atoms"] + arguments + ["--checkpoint", checkpoint, "--no-cache"])
            #expect(outcome.status == 1 && outcome.output.isEmpty)
            #expect(outcome.errors.contains("cut.png") && outcome.errors.contains("no image could be read"), "\(outcome.errors)")
        }
    }

    @Test func useOverImages() throws {
        let images = try (0..<3).map { try folder.scene("scene\($0).png", index: $0) }
        let first = try run("--usage", images[0], images[1], images[2], "--json")
        #expect(first.status == 0, "\(first.errors)")
        let object = try #require(first.objects().first)
        #expect(Set(object.keys) == ["checkpoint", "k", "n", "images", "unreadable", "thresholds", "atoms"])
        #expect(object["n"] as? Int == 3 && object["k"] as? Int == 6 && object["images"] as? [String] == images)
        let atoms = try #require(object["atoms"] as? [[String: Any]])
        #expect(atoms.count { $0["stack"] as? String == "vision" } == 6 && atoms.count { $0["stack"] as? String == "fusion" } == 9)
        for atom in atoms {
            func number(_ key: String) throws -> Double { try #require(atom[key] as? Double) }
            let spread = try ["minimum", "lowerQuartile", "median", "upperQuartile", "maximum"].map(number)
            #expect(spread == spread.sorted() && spread[0] >= 0 && spread[4] <= 1)
            let histogram = try #require(atom["histogram"] as? [String: Any]), bins = try #require(histogram["bins"] as? [[String: Any]])
            #expect(bins.compactMap { $0["count"] as? Int }.reduce(histogram["zeros"] as? Int ?? -9, +) == 3)
            let top = try #require((atom["top"] as? [[String: Any]])?.first)
            #expect(try #require(top["share"] as? Double) == spread[4] && images.contains(top["image"] as? String ?? ""))
        }
        // Kept on disk, and the same without.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.file("cache/sdict")).count == 1)
        #expect(try run("--usage", images[0], images[1], images[2], "--json").output == first.output)
        #expect(try run("--usage", images[0], images[1], images[2], "--json", "--no-cache").output == first.output)

        let text = try run("--usage", folder.path, "--stack", "vision", "--k", "3")
        #expect(text.status == 0 && text.output.contains("on 3 images at K 3") && text.output.contains("vision/2"))
        #expect(!text.output.contains("vision/3") && !text.output.contains("fusion/0") && text.output.contains("dead: under"))
    }

    @Test func oneAtomCloser() throws {
        try folder.scene("a.png")
        try folder.scene("b.png", index: 1)
        let one = try run("--usage", folder.path, "--stack", "vision", "--atom", "1")
        #expect(one.status == 0 && one.output.contains("vision/1") && !one.output.contains("vision/2"), "\(one.errors)")
        #expect(one.output.contains("bins of") && one.output.contains("#") && one.output.contains(folder.file("a.png")))
        let none = try run("--usage", folder.path, "--stack", "vision", "--atom", "6")
        #expect(none.status == 2 && none.errors.contains("expected 0 to 5"))
    }

    @Test func whatCannotBeReadIsSaidAndTheRestCounts() throws {
        let image = try folder.scene("a.png"), torn = try folder.write("torn.png", Array("no image".utf8))
        let outcome = try run("--usage", torn, image, "--json")
        #expect(outcome.status == 1 && outcome.errors.contains("torn.png"))
        let object = try #require(outcome.objects().first)
        #expect(object["n"] as? Int == 1 && (object["unreadable"] as? [[String: Any]])?.count == 1)
    }

    @Test func coherenceOfAStack() throws {
        let outcome = try run("--coherence", "--stack", "vision", "--json")
        let object = try #require(outcome.objects().first), coherence = try #require(object["coherence"] as? [String: Any])
        let matrix = try #require(coherence["matrix"] as? [String: Any]), values = try #require(matrix["values"] as? [Double])
        #expect(values.count == 36 && (0..<6).allSatisfy { values[$0 * 7] == 1 } && coherence["tokens"] as? String == "4 x 4 patches")
        #expect((coherence["pairs"] as? [[String: Any]])?.count == 15)
        let text = try run("--coherence", "--stack", "fusion")
        #expect(text.status == 0 && text.output.contains("the most alike") && text.output.contains("fusion/0 ("))
    }

    @Test(arguments: [
        ["--usage", "x", "--stack", "text"], ["--usage", "x", "--image", "y"], ["--usage", "x", "--atom", "1"],
        ["--usage", "x", "--layer", "0"], ["--usage", "/none/at/all"], ["--usage"], ["--no-cache"],
        ["--coherence", "--atom", "1"], ["--coherence", "--k", "3"],
    ])
    func whatMakesNoSenseIsRefused(_ arguments: [String]) throws {
        let outcome = try Program.run(["atoms"] + arguments + ["--checkpoint", checkpoint])
        #expect(outcome.status == 2 && outcome.output.isEmpty && !outcome.errors.isEmpty, "\(arguments): \(outcome.status) \(outcome.errors)")
    }
}
