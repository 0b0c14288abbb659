import ArgumentParser
import Foundation
import SpectralAtoms
import SpectralEngine
import SpectralFormats
import SpectralKernels
import SpectralLens
import SpectralModel

extension BenchCommand {
    struct TransformBench: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "transform",
            abstract: "Time analysis and synthesis, dense against Fourier, and say which the planner picks.",
            discussion: """
                K atoms, d channels, square grids. "on" puts the atoms on the grid's own frequencies (plain FFT), "off" \
                moves them off it, as learned atoms are (non-uniform FFT); with --checkpoint K, d and the learned frequencies \
                of its vision stack. Milliseconds are the best of several.

                With --json one object for each grid: tokens, k, dense, fourierOn, fourierOff (ms), picksOn, picksOff.
                """)

        @Option(help: ArgumentHelp("Sides of the grids, separated by commas.", valueName: "sides"))
        var grids = "8,18,32,64"

        @Option(parsing: .unconditional, help: "Atoms K, as far as a grid's half plane has them.")
        var k = 128

        @Option(parsing: .unconditional, help: ArgumentHelp("Channels d.", valueName: "d"))
        var channels = 128

        @OptionGroup var common: Common

        private struct Row: Encodable {
            let tokens: Int
            let k: Int
            let dense: Double
            let fourierOn: Double
            let fourierOff: Double
            let picksOn: String
            let picksOff: String
        }

        func run() throws {
            let parts = grids.split(separator: ",", omittingEmptySubsequences: false), sides = parts.compactMap { Int($0) }
            guard sides.count == parts.count, sides.allSatisfy({ (1...512).contains($0) }) else {
                throw ValidationError("--grids takes sides from 1 to 512, not \(grids.printable)")
            }
            guard (1...4096).contains(k), (1...4096).contains(channels) else {
                throw ValidationError("--k and --channels are 1 to 4096")
            }
            let learned = try common.checkpoint.map { try LoadedModel(path: Bundled.checkpointPath($0)) }
            if let learned, learned.model.atoms(of: .vision) == nil { throw LensError.noAtoms(operation: "timing its atoms") }
            useOneThreadForProducts()
            var table = [["tokens", "K", "dense ms", "on-grid ms", "off-grid ms", "picks on", "picks off"]]
            for side in sides {
                let row = try row(side, learned: learned?.model.atoms(of: .vision), channels: learned?.config.width ?? channels)
                if common.json { try Output.json(row) }
                let times = [row.dense, row.fourierOn, row.fourierOff].map { String(format: "%.3f", $0) }
                table.append(["\(side) x \(side)", "\(row.k)"] + times + [row.picksOn, row.picksOff])
            }
            if !common.json { TextTable.aligned(table).forEach(Output.line) }
        }

        private func row(_ side: Int, learned: StackAtoms?, channels: Int) throws -> Row {
            var random = SceneRandom(seed: common.seed)
            let onGrid = AtomLayout.halfPlane(width: side, height: side, count: learned?.count ?? k), count = onGrid[0].count
            // Learned atoms move off the grid by thousandths of a cycle.
            let offGrid: [[Float]]
            if let learned {
                offGrid = (0..<2).map { axis in learned.frequencies.prefix(count).map { $0[axis] } }
            } else {
                offGrid = onGrid.map { axis in axis.map { $0 + 0.001 * Float(random.below(9) - 4) } }
            }
            let lattice = [TokenLattice([side, side])]
            let x = (0..<side * side * channels).map { _ in Float(random.below(17)) - 8 }
            func time(_ frequencies: [[Float]], _ evaluation: Transform) throws -> Double {
                let transform = try SpectralTransform(
                    AtomSet(frequencies: frequencies), lattice, channels: channels, evaluation: evaluation)
                return best(transform, x, channels: channels)
            }
            func pick(_ frequencies: [[Float]]) throws -> String {
                try SpectralTransform(AtomSet(frequencies: frequencies), lattice, channels: channels).evaluation.rawValue
            }
            return Row(
                tokens: side * side, k: count, dense: try time(offGrid, .dense), fourierOn: try time(onGrid, .fourier),
                fourierOff: try time(offGrid, .fourier), picksOn: try pick(onGrid), picksOff: try pick(offGrid))
        }

        /// Milliseconds of one analysis and one synthesis.
        private func best(_ transform: SpectralTransform, _ x: [Float], channels: Int) -> Double {
            let x = FloatBuffer(x)
            let s = FloatBuffer(count: 2 * transform.atomCount * channels)
            return (0..<7).map { _ in
                let start = ContinuousClock.now
                transform.analyse(x, into: s)
                transform.synthesise(s, into: x)
                return (ContinuousClock.now - start) / .milliseconds(1)
            }.min() ?? 0
        }
    }
}
