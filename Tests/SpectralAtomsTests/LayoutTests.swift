// Where atoms start, seen through what they do.

import Foundation
import SpectralAtoms
import Testing

@Suite struct LayoutTests {
    /// What a word tells one that comes `lag` steps later, channel by channel, as a plain sum over atoms.
    private func kernel(_ modulation: (gain: [Float], bias: [Float]), _ f: [Float], channels: Int, lag: Int, _ c: Int) -> Double {
        f.indices.reduce(0) { sum, k in
            let i = k * channels + c
            return sum + Double(modulation.gain[i]) * cos(2 * .pi * Double(f[k]) * Double(lag) + Double(modulation.bias[i]))
        }
    }

    /// Six groups of channels each hear the word so many steps back loudest and about as loud as asked, and words of
    /// other lags, as far as captions reach, not half as loud.
    @Test func recallingChannelsHearOneWordBack() {
        let f = AtomLayout.melSpaced(16), channels = 8, modulation = AtomLayout.recallingModulation(frequencies: f, channels: channels, height: 8)
        for (c, lag) in [1, 1, 2, 2, 3, 4].enumerated().map({ ($0.offset + 2, $0.element) }) {
            let heard = (0..<12).map { kernel(modulation, f, channels: channels, lag: $0, c) }
            #expect(abs(heard[lag] - 8) < 0.5, "channel \(c): \(heard[lag])")
            for (other, value) in heard.enumerated() where other != lag { #expect(abs(value) < 4, "channel \(c), lag \(other): \(value)") }
        }
        // The first two keep what has been said, without an order: nearly flat over the last words.
        let kept = (0..<4).map { kernel(modulation, f, channels: channels, lag: $0, 0) }
        #expect(kept.allSatisfy { $0 > 0.7 * kept[0] })
    }

    @Test func oneAtomIsNoReasonToFail() {
        let modulation = AtomLayout.recallingModulation(frequencies: [0], channels: 8, height: 8)
        #expect(modulation.gain.count == 8 && (modulation.gain + modulation.bias).allSatisfy(\.isFinite))
    }
}
