import ArgumentParser
import Foundation
import SpectralScreen
import SpectralTerminal
import SpectralWorkbench

/// How the screen looks; what is left open the config says, and then terminal and locale.
struct LookOptions: ParsableArguments {
    @Option(help: "Colours for a background: auto looks at COLORFGBG and else takes dark.")
    var theme: Choice<Theme>?

    @Option(help: "Characters to draw with: auto takes blocks where the locale is UTF-8; elsewhere it is always ascii.")
    var glyphs: Choice<GlyphSet>?

    @Flag(help: "The same as --glyphs ascii.")
    var ascii = false

    @Option(help: "The most colours to use: auto takes what the terminal has, and none with NO_COLOR.")
    var color: Choice<ColorMode>?

    func validate() throws {
        if ascii, glyphs != nil { throw ValidationError("--ascii and --glyphs exclude each other; choose one") }
    }

    func apply(to settings: inout WorkbenchConfig) {
        settings.theme = theme ?? settings.theme
        settings.glyphs = ascii ? .fixed(.ascii) : glyphs ?? settings.glyphs
        settings.color = color ?? settings.color
    }
}

extension WorkbenchConfig {
    private var environment: [String: String] { ProcessInfo.processInfo.environment }

    /// NO_COLOR, unless the person has said otherwise in a place of our own, as no-color.org has it.
    var wantsNoColor: Bool { color == .auto && !(environment["NO_COLOR"] ?? "").isEmpty }

    var shownTheme: Theme { theme.value ?? .detected(colorForegroundBackground: environment["COLORFGBG"]) }

    /// What a terminal can show of it.
    func look(on terminal: Terminal) -> Look {
        let best = terminal.bestColors, wanted = color.value ?? best
        return Look(
            glyphs: terminal.isUnicode ? glyphs.value ?? .blocks : .ascii,
            colors: wanted.rawValue < best.rawValue ? wanted : best, theme: shownTheme)
    }

    /// For a screen that goes to a file.
    var scriptLook: Look {
        Look(glyphs: glyphs.value ?? .blocks, colors: color.value ?? (wantsNoColor ? .mono : .full), theme: shownTheme)
    }
}
