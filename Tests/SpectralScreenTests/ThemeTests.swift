import Testing

@testable import SpectralScreen

@Suite struct ThemeTests {
    @Test func colorModes() {
        #expect(ColorMode.best(forColors: 256) == .full)
        #expect(ColorMode.best(forColors: 88) == .sixteen)
        #expect(ColorMode.best(forColors: 8) == .eight)
        #expect(ColorMode.best(forColors: 0) == .mono)
        #expect(ColorMode.best(forColors: 1 << 24, noColor: true) == .mono)
        #expect(Theme.detected(colorForegroundBackground: "0;15") == .light)
        #expect(Theme.detected(colorForegroundBackground: "15;default;0") == .dark)
        #expect(Theme.detected(colorForegroundBackground: nil) == .dark)
    }

    @Test func everyStyleFitsItsMode() {
        for mode in ColorMode.allCases {
            for theme in Theme.allCases {
                let look = Look(colors: mode, theme: theme)
                let inks = (0...255).map { Ink.indexed(UInt8($0)) } + Role.allCases.map { .role($0) } + [.terminal]
                for ink in inks {
                    let resolved = look.resolve(Style(ink, on: ink))
                    let most = Int16(mode == .mono ? 0 : mode.rawValue)
                    #expect(resolved.foreground >= -1 && resolved.foreground < max(most, 0) || resolved.foreground == -1)
                    #expect(resolved.background >= -1 && resolved.background < max(most, 0) || resolved.background == -1)
                }
            }
        }
    }

    @Test func selectionShowsInEveryMode() {
        for mode in ColorMode.allCases {
            for theme in Theme.allCases {
                let look = Look(colors: mode, theme: theme)
                #expect(look.resolve(.selection) != look.resolve(.plain))
                #expect(look.resolve(.highlight) != look.resolve(.plain))
            }
        }
    }

    /// xterm's cube and greys map to themselves, and pure colours to their names.
    @Test func nearestColors() {
        for index in 16...255 {
            let color = Palette.components(of: UInt8(index))
            let found = Palette.index(red: color.red, green: color.green, blue: color.blue)
            #expect(Palette.components(of: found) == color)
        }
        #expect(Palette.nearest(to: 196, in: .sixteen) == 9)
        #expect(Palette.nearest(to: 46, in: .sixteen) == 10)
        #expect(Palette.nearest(to: 196, in: .eight) == 1)
        #expect(Palette.nearest(to: 231, in: .sixteen) == 15)
        #expect(Palette.nearest(to: 16, in: .eight) == 0)
    }

    /// Lightness by the CIE weights, in place of the ramp's own OKLab: it must still rise all the way.
    @Test func theRampGetsLighter() {
        let lightness = ColorRamp.viridis.map { index in
            let color = Palette.components(of: index)
            func linear(_ value: Int) -> Double { Double(value * value) }
            return 0.2126 * linear(color.red) + 0.7152 * linear(color.green) + 0.0722 * linear(color.blue)
        }
        for (darker, lighter) in zip(lightness, lightness.dropFirst()) { #expect(darker < lighter) }
    }
}
