import ArgumentParser
import Foundation
import SpectralAtoms
import SpectralKernels

extension BenchCommand {
    struct TransformBench: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "transform",
            abstract: "Time analysis and synthesis, dense against Fourier, and say which the planner picks.",
            discussion: """
                K atoms, d channels, square grids. "on" puts the atoms on the grid's own frequencies (plain FFT), "off" \
                moves them off it, as learned atoms are (non-uniform FFT). Milliseconds are the best of several.
                """)

        @Option(help: ArgumentHelp("Sides of the grids, separated by commas.", valueName: "sides"))
        var grids = "8,18,32,64"

        @Option(help: ArgumentHelp("Atoms K, as far as a grid's half plane has them.", valueName: "k"))
        var atoms = 128

        @Option(help: ArgumentHelp("Channels d.", valueName: "d"))
        var channels = 128

        func run() throws {
            let parts = grids.split(separator: ",", omittingEmptySubsequences: false), sides = parts.compactMap { Int($0) }
            guard sides.count == parts.count, sides.allSatisfy({ (1...512).contains($0) }) else {
                throw ValidationError("--grids takes sides from 1 to 512, not \(grids)")
            }
            guard (1...4096).contains(atoms), (1...4096).contains(channels) else {
                throw ValidationError("--atoms and --channels are 1 to 4096")
            }
            useOneThreadForProducts()
            var rows = [["tokens", "K", "dense ms", "on-grid ms", "off-grid ms", "picks on", "picks off"]]
            for side in sides { rows.append(try row(side)) }
            TextTable.aligned(rows).forEach(Output.line)
        }

        private func row(_ side: Int) throws -> [String] {
            let onGrid = AtomLayout.halfPlane(width: side, height: side, count: atoms)
            let offGrid = onGrid.map { axis in axis.enumerated().map { $1 + 0.002 * Float(($0 * 7) % 5 - 2) } }
            let lattice = [TokenLattice([side, side])]
            func time(_ frequencies: [[Float]], _ evaluation: Transform) throws -> String {
                let transform = try SpectralTransform(
                    AtomSet(frequencies: frequencies), lattice, channels: channels, evaluation: evaluation)
                return String(format: "%.3f", best(transform))
            }
            func pick(_ frequencies: [[Float]]) throws -> String {
                try SpectralTransform(AtomSet(frequencies: frequencies), lattice, channels: channels).evaluation.rawValue
            }
            return [
                "\(side) x \(side)", "\(onGrid[0].count)", try time(onGrid, .dense), try time(onGrid, .fourier),
                try time(offGrid, .fourier), try pick(onGrid), try pick(offGrid),
            ]
        }

        /// Milliseconds of one analysis and one synthesis.
        private func best(_ transform: SpectralTransform) -> Double {
            let x = FloatBuffer(count: transform.tokenCount * channels)
            x.withMutableValues { x in for i in x.indices { x[i] = Float(i % 17) - 8 } }
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
