// The pointing game on maps and scenes made by hand.

import Foundation
import SpectralFormats
import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct PointingTests {
    /// A large square of 23 x 23 pixels about (20, 24), and a ring about (50, 50).
    private let scene = Scene(
        objects: [
            SceneObject(x: 20, y: 24, size: .large, colour: .red, shape: .square, texture: .plain),
            SceneObject(x: 50, y: 50, size: .large, colour: .blue, shape: .ring, texture: .plain),
        ], tone: .dark)

    /// All low but for one patch of an 8 x 8 grid.
    private func map(row: Int, column: Int) -> [Float] { (0..<64).map { $0 == row * 8 + column ? 1 : -0.5 } }

    @Test func peaksInAndOutOfBoxes() {
        let rendered = scene.render(), square = PointingTarget(rendered, object: 0), ring = PointingTarget(rendered, object: 1)
        #expect(rendered.boxes[0] == SceneBox(x: 9, y: 13, width: 23, height: 23))
        var row = PointingRow("map")
        // Patch (2, 2) is centred at (20, 20), inside; (2, 4) at (36, 20), right of the box's edge at 32.
        row.add(map: map(row: 2, column: 2), gridWidth: 8, square)
        #expect(row.box.hits == 1 && row.object.hits == 1 && row.boxAmongSeveral.hits == 1)
        row.add(map: map(row: 2, column: 4), gridWidth: 8, square)
        #expect(row.box.hits == 1 && row.box.asked == 2 && row.object.hits == 1)
        // (6, 6) is centred at (52, 52): in the ring's box, and in its hole.
        row.add(map: map(row: 6, column: 6), gridWidth: 8, ring)
        #expect(row.box.hits == 2 && row.object.hits == 1 && row.box.asked == 3)
        row.add(map: map(row: 6, column: 6), gridWidth: 8, square)
        #expect(row.box.hits == 2, "another thing's box is no hit")
        #expect(square.isInBox(9, 13) && square.isInBox(31.9, 35.9) && !square.isInBox(32, 20) && !square.isInBox(20, 36))
        #expect(!square.isOnObject(-1, 3) && !square.isOnObject(64, 3))
        #expect(row.box.interval == WilsonInterval(2, of: 4))
    }

    @Test func tiesGoToTheFirst() {
        #expect(PointingRow.peak([0, 2, 1, 2]) == 1 && PointingRow.peak([.nan, -3, -1, .nan]) == 2)
        #expect(PointingRow.peak([0, 0]) == 0 && PointingRow.peak([.nan, .nan]) == 0)
        let centre = PointingRow.centre(of: 5, gridWidth: 4, gridHeight: 2)
        #expect(centre.x == 24 && centre.y == 48)
    }

    @Test func chanceIsTheShareOfPatches() {
        let target = PointingTarget(scene.render(), object: 0)
        var row = PointingRow("chance")
        row.addChance(gridWidth: 8, gridHeight: 8, target)
        // Columns centred at 12, 20 and 28 and rows at 20, 28 (12 is above 13; 36 below 36).
        #expect(row.box.share == 6.0 / 64 && row.object.share == 6.0 / 64 && row.box.interval == nil)
    }

    /// Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20 and 1 of 29, method 3.
    @Test func wilsonIntervals() {
        for (hits, n, low, high) in [
            (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
        ] {
            let found = WilsonInterval(hits, of: n)
            #expect(abs(found.low - low) < 5e-5 && abs(found.high - high) < 5e-5, "\(hits) of \(n): \(found)")
        }
        #expect(WilsonInterval(20, of: 20).high == 1)
    }

    @Test func aModelPointsWithItsOwnMaps() throws {
        let checkpoint = try TinyCheckpoint(), model = try checkpoint.load()
        let probe = try AnswerProbe(model, model.see(testImage()), task: .ground, prompt: "what is it")
        let trace = probe.trace(probe.choose()), maps = PointingMeasurement.maps(trace)
        #expect(maps.allSatisfy { $0.map.count == 64 && $0.map.allSatisfy(\.isFinite) })
        #expect(maps.count == 4 + 2 && Set(maps.map(\.name)).count == 6)
        let pairs = try #require(trace.wordPatches()), words = trace.words.indices.filter { $0 > 0 && !trace.words[$0].isOutput }
        #expect(!words.isEmpty && trace.words[0].text == "<ground>")
        for n in 0..<64 {
            let mean = try words.reduce(Float(0)) { try $0 + #require(pairs.patches(word: $1)).values[n] } / Float(words.count)
            #expect(abs(maps[0].map[n] - mean) < 1e-6)
        }
        // |c_n| is |w v| times a constant.
        let values = try #require(trace.tapped(.fusion, trace.defaultLayer, .imageValues)), response = try #require(
            maps.first { $0.name.hasPrefix("response") }?.map)
        let lengths = (0..<64).map { n in
            values.values[n * values.columns..<(n + 1) * values.columns].reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        let top = try #require(lengths.max())
        for n in 0..<64 { #expect(abs(response[n] - lengths[n] / top) < 1e-5) }

        let rows = try PointingMeasurement.run(
            path: checkpoint.path, transform: .dense, plan: PointingPlan(images: 9, seed: 1, threads: 2))
        let asked = (0..<9).count { PointingMeasurement.phrase(Scene.draw(split: .dev, seed: 1, index: $0)) != nil }
        #expect(rows.count == 3 + 6 && rows.allSatisfy { $0.box.asked == asked && $0.object.hits <= $0.box.hits })
        #expect(rows[0].name == "centre of the image" && rows[1].box.interval == nil && rows.last!.name.contains("box head"))
    }
}
