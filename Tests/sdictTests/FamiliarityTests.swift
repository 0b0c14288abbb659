import Foundation
import SpectralFormats
import Testing

@testable import SpectralModel

@Suite struct FamiliarityTests {
    let folder: TemporaryFolder
    let model: LoadedModel

    init() throws {
        folder = try TemporaryFolder()
        model = try LoadedModel(path: TinyCheckpoint.write(to: folder.file("tiny")))
    }

    private func scenes(_ count: Int) -> [PixelImage] {
        (0..<count).map { Scene.draw(split: .train, seed: 1, index: $0).render().image }
    }

    @Test func quantilesOfARamp() {
        // 201 values 0, 0.5, ... 100 in disorder: quantile p is p itself.
        let values = (0...200).map { Double($0 * 64 % 201) / 2 }
        for (p, q) in Familiarity.quantiles(values).enumerated() { #expect(abs(q - Double(p)) < 1e-9) }
        #expect(Familiarity.quantiles([7]) == Array(repeating: 7, count: 101))
    }

    @Test func percentileCountsWhatIsBelow() {
        var random = SceneRandom(seed: 4)
        let values = (0..<5000).map { _ in pow(Double(random.next() >> 11) / 9007199254740992, 3) }
        let quantiles = Familiarity.quantiles(values)
        for probe in [0.0001, 0.01, 0.1, 0.4, 0.9] {
            let below = 100 * Double(values.count { $0 < probe }) / Double(values.count)
            // Linear between neighbouring quantiles: at most one percent off.
            #expect(abs(Familiarity.percentile(of: probe, among: quantiles) - below) <= 1)
        }
        #expect(Familiarity.percentile(of: -1, among: quantiles) == 0)
        #expect(Familiarity.percentile(of: 1.01, among: quantiles) == 100)
        #expect(Familiarity.percentile(of: quantiles[100], among: quantiles) == 100)
    }

    /// Correlated pairs x, x + y of independent x and y with variances 4 and 1: the covariance is [[4, 4], [4, 5]], its
    /// inverse [[5, -4], [-4, 4]] / 4.
    @Test func distanceIsAMahalanobisDistance() throws {
        let features = [-2.0, 2].flatMap { x in [-1.0, 1].map { y in [x + 10, x + y] } }
        let (centre, precision) = try #require(Familiarity.moments(features))
        #expect(centre == [10, 0])
        // A thousandth of the mean variance 4.5 is added to the diagonal first.
        let determinant = 4.0045 * 5.0045 - 16
        for (found, exact) in zip(precision, [5.0045, -4, 4.0045]) { #expect(abs(found - exact / determinant) < 1e-12) }
        // (2, 2) from the centre: (2 * 2 * 5 - 2 * 2 * 2 * 4 + 2 * 2 * 4) / 4 = 1, over two channels.
        #expect(abs(Familiarity.distance([12, 2], centre: centre, precision: [1.25, -1, 1]) - 0.5.squareRoot()) < 1e-9)
        // Of what the moments were made of, squared distances average 1.
        let squares = features.map { pow(Familiarity.distance($0, centre: centre, precision: precision), 2) }
        #expect(abs(squares.reduce(0, +) / 4 - 1) < 0.01)
    }

    /// The half that gave the quantiles lies within them, its furthest at their end.
    @Test func measuringWhatItWasMadeOf() throws {
        let images = scenes(40), familiarity = try Familiarity(of: images, on: model)
        let readings = stride(from: 1, to: 40, by: 2).map { familiarity.measure(model.see(images[$0])) }
        #expect(readings.count == familiarity.images)
        #expect(readings.allSatisfy { !$0.isUnfamiliar && $0.warning == nil && (0...100).contains($0.percentile) })
        // The furthest by one feature may be the furthest by another.
        #expect((1...3).contains(readings.count { $0.percentile == 100 }) && readings.count { $0.percentile == 0 } <= 1)
    }

    @Test func strangeImagesAreTold() throws {
        let familiarity = try Familiarity(of: scenes(40), on: model)
        let noise = PixelImage(
            width: 64, height: 64, pixels: (0..<64 * 64 * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) })
        let reading = familiarity.measure(model.see(noise))
        #expect(reading.isUnfamiliar && reading.percentile == 100)
        #expect(reading.warning?.hasPrefix("unlike the training images: distance ") == true)
        // Twenty images show nothing finer than one in twenty.
        #expect(reading.warning?.hasSuffix(", above the 95.0th percentile of training images; answers are guesses") == true)
    }

    /// Without any light and shade a picture is strange by its spread, whatever its colour.
    @Test func flatImagesAreTold() throws {
        let familiarity = try Familiarity(of: scenes(40), on: model)
        for grey in [UInt8(40), 128, 220] {
            let flat = PixelImage.solid(width: 64, height: 64, red: grey, green: grey, blue: grey)
            #expect(familiarity.measure(model.see(flat)).percentile > 90, "grey \(grey)")
        }
    }

    @Test func file() throws {
        let path = model.folder.path, config = model.config
        #expect(try Familiarity.read(folder: path, config: config) == nil)
        let made = try Familiarity(of: scenes(12), on: model)
        try made.write(folder: path)
        #expect(try Familiarity.read(folder: path, config: config) == made)

        var other = config
        other.visionAtoms = 5
        #expect(throws: CheckpointError.self) { try Familiarity.read(folder: path, config: other) }
        let file = URL(fileURLWithPath: path + "/" + Familiarity.fileName)
        // Files of before the spread and the pixels were measured are read as they are.
        var old = try #require(JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any])
        for key in ["spread", "pixels"] {
            let statistics = try #require(old.removeValue(forKey: key) as? [String: Any])
            #expect(Set(statistics.keys) == ["centre", "precision", "quantiles"])
        }
        #expect(Set(old.keys) == ["images", "k", "centre", "precision", "quantiles"])
        let current = try Data(contentsOf: file)
        try JSONSerialization.data(withJSONObject: old).write(to: file)
        #expect(try Familiarity.read(folder: path, config: config)?.mean.quantiles.count == made.mean.quantiles.count)
        try current.write(to: file)
        let text = try String(contentsOf: file, encoding: .utf8)
        for broken in [
            "", "[]", text.replacingOccurrences(of: "\"images\"", with: "\"pictures\""),
            text.replacingOccurrences(of: "\"centre\":[", with: "\"centre\":[0,"),
            text.replacingOccurrences(of: "\"precision\":[", with: "\"precision\":[0,"),
            text.replacingOccurrences(of: "\"quantiles\":[", with: "\"quantiles\":[9e9,"),
        ] {
            try Data(broken.utf8).write(to: file)
            let error = #expect(throws: CheckpointError.self) { try Familiarity.read(folder: path, config: config) }
            #expect(error?.description.contains(Familiarity.fileName) == true)
            #expect(error?.description.contains("\n") == false)
        }
    }

    /// The twin has no atoms, so no residual, but its tokens can still be compared.
    @Test func attentionTwin() throws {
        let twin = try LoadedModel(path: TinyCheckpoint.write(to: folder.file("twin"), preset: .attention))
        let familiarity = try Familiarity(of: scenes(10), on: twin)
        #expect(!familiarity.measure(twin.see(scenes(2)[1])).isUnfamiliar)
    }
}
