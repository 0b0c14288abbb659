// What people write about atoms, and what it comes to.

import SpectralModel
import TestSupport
import Testing

@testable import SpectralLens

@Suite struct SelectionTests {
    private func population(k: Int = 7, _ change: (TinyCheckpoint) -> Void = { _ in }) throws -> AtomPopulation {
        let checkpoint = try TinyCheckpoint()
        change(checkpoint)
        return AtomPopulation(try checkpoint.load(), k: k)
    }

    private func plan(_ edits: [(String, String)], k: Int = 7) throws -> EditPlan {
        try EditPlan(edits.map { try LensEdit($0, $1) }, population: population(k: k))
    }

    @Test func selectionsReadWhatTheyWrite() throws {
        for text in [
            "vision/17", "fusion/2/40", "vision:0.25..0.5", "vision/1:0.25..", "text:..0.1", "fusion:..",
            "fusion/0:0.1..0.3/token",
        ] {
            #expect(try AtomSelection(text).description == text)
        }
        // The axis that goes without saying may be said.
        #expect(try AtomSelection("fusion:0.1..0.2/patch") == AtomSelection("fusion:0.1..0.2"))
        for text in [
            "", "vision", "vision:", "vision:0.5", "vision:0.5..0.25", "vision:-1..1", "vision:nan..1", "vision:0..inf",
            "vision/x:0..1", "vision/1/2:0..1", "vision:0..1/token", "text:0..1/patch", "fusion:0..1/pixel", "a:0..1", "vision:0..1:2",
        ] {
            #expect(throws: LensEditError.self, "\(text)") { try AtomSelection(text) }
        }
        for (name, text) in [("mute", "vision/1,text:..0.25"), ("scale", "vision/1=0.5"), ("shift", "fusion/1/2=-1.5")] {
            #expect(try LensEdit(name, text).description == "\(name) \(text)")
        }
        for (name, text) in [
            ("mute", "vision/1="), ("mute", "vision/1=2"), ("mute", ""), ("mute", "vision/1,"), ("scale", "vision/1"),
            ("scale", "vision/1=x"), ("scale", "=1"), ("scale", "vision/1=1=2"), ("shift", "vision/1=inf"), ("turn", "vision/1"),
        ] {
            #expect(throws: LensEditError.self, "\(name) \(text)") { try LensEdit(name, text) }
        }
    }

    @Test func aBandHoldsTheAtomsWhoseFrequencyLiesInIt() throws {
        // Radii of the vision atoms: 0, .25, .25, .354, .451, .515, .250008.
        #expect(try plan([("mute", "vision:0.25..0.36")]).parts.map(\.atoms) == [[1, 2, 3, 6]])
        #expect(try plan([("mute", "vision:0.25..0.36")], k: 5).parts.map(\.atoms) == [[1, 2, 3]])
        #expect(try plan([("mute", "vision:..0.25")]).parts.map(\.atoms) == [[0, 1, 2]])
        #expect(try plan([("mute", "text:0.25..")]).parts.map(\.atoms) == [[1, 2]])

        let fusion = try population {
            $0.set("fusion.frequencies", row: 0, [0, 0.3, -0.9, 0, 0, 0.2, 0, 0, 0.4])
            $0.set("fusion.frequencies", row: 1, [0, 0.4, 0, 0.1, 0, 0, 0, 0, 0])
            $0.set("fusion.frequencies", row: 2, [0, 0, 0, 0, 0.1, 0.3, -0.1, 0.5, 1.1])
        }
        func atoms(_ text: String) throws -> [Int] { try AtomSelection(text).atoms(in: fusion).atoms }
        // -0.9 is 0.1 and 1.1 is 0.1 to a grid.
        #expect(try atoms("fusion:0.09..0.11") == [2, 3])
        #expect(try atoms("fusion:0.35..0.5") == [1, 8])
        #expect(try atoms("fusion:0.05..0.15/token") == [4, 6, 8])
        #expect(try atoms("fusion:0.5../token") == [7])
    }

    @Test func whatCannotBeMeantIsRefused() throws {
        func error(_ text: String, k: Int = 7) throws -> LensEditError? {
            do {
                _ = try plan([("mute", text)], k: k)
                return nil
            } catch let error as LensEditError { return error }
        }
        #expect(try error("vision/7") == .noSuchAtom(selection: "vision/7", atoms: 7))
        #expect(try error("fusion/2/0") == .noSuchLayer(selection: "fusion/2/0", layers: 2))
        #expect(try error("text/1:..") == .noSuchLayer(selection: "text/1:..", layers: 1))
        #expect(try error("vision/5", k: 5) == .notInUse(selection: "vision/5", k: 5))
        #expect(try error("vision/4", k: 5) == nil)
        #expect(
            try error("vision:0.6..0.7") == .emptyBand(
                band: "vision:0.6..0.7", lowest: 0, highest: (Float(0.5) * 0.5 + 0.125 * 0.125).squareRoot(), unit: "patch"))
    }

    @Test func soloIsMutingTheComplement() throws {
        let all = try plan([("solo", "vision/1,vision/3")])
        #expect(all.edits == .solo([1, 3], of: .vision, count: 7))
        #expect(try plan([("solo", "vision/1"), ("solo", "vision/3")]).edits == all.edits)
        let few = try plan([("solo", "vision/1,vision/3")], k: 5)
        #expect(few.edits == .muting([0, 2, 4].map { AtomAddress(.vision, atom: $0) }))
        let layer = try plan([("solo", "fusion/1/8")])
        #expect(layer.edits == .muting((0..<8).map { AtomAddress(.fusion, layer: 1, atom: $0) }))
        // 3 stays everywhere, 5 in layer 1 only.
        let mixed = try plan([("solo", "vision/3,vision/1/5")])
        let first = [0, 1, 2, 4, 5, 6].map { AtomAddress(.vision, layer: 0, atom: $0) }
        let second = [0, 1, 2, 4, 6].map { AtomAddress(.vision, layer: 1, atom: $0) }
        #expect(mixed.edits == .muting(first + second))
    }

    @Test func editsMultiplyAndIdentitiesVanish() throws {
        func factor(_ edits: [(String, String)]) throws -> AtomFactor? {
            try plan(edits).edits.factors[AtomAddress(.vision, atom: 2)]
        }
        #expect(try factor([("scale", "vision/2=0.5")]) == .scale(0.5))
        #expect(try factor([("scale", "vision/2=0.5"), ("scale", "vision/2,vision/3=0.5")]) == .scale(0.25))
        #expect(try factor([("scale", "vision/2,vision:..=0.5")]) == .scale(0.5), "selected twice in one edit is once")
        #expect(try factor([("mute", "vision/2"), ("scale", "vision/2=3")]) == .mute)
        for (name, text) in [("scale", "vision/2=1"), ("shift", "vision/2=0"), ("shift", "vision/2=\(2 * Float.pi)")] {
            #expect(try plan([(name, text)]).edits.isEmpty, "\(name) \(text)")
        }
    }

    @Test func atomsToWhichTheSameIsDoneAreOnePart() throws {
        let parts = try plan([
            ("mute", "vision/1,text/0"), ("scale", "vision/2,vision/1/5=2"), ("mute", "vision/3,vision/1"), ("shift", "vision/2=1"),
        ]).parts
        #expect(parts.map(\.atoms) == [[1, 3], [0], [2], [5]])
        #expect(parts.map(\.stack) == [.vision, .text, .vision, .vision])
        #expect(parts.map(\.layers) == [nil, nil, nil, [1]])
        #expect(parts[2].actions.map(\.action) == [.scale(2), .shift(1)])
    }
}
