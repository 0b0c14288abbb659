// What the palette knows: words that take something after them, and every command of the key map by a short name.

import SpectralLens
import SpectralModel

/// A word of the palette that takes something after it.
public enum PaletteVerb: String, Hashable, Sendable, CaseIterable {
    case ask, find, image, images, k, save, open, mute, solo, scale, shift, help

    /// What follows the word; in brackets where it may be left out.
    var argument: String {
        switch self {
        case .ask: "[QUESTION]"
        case .find: "[PHRASE]"
        case .image: "N or NAME"
        case .images: "PATH..."
        case .k: "N or all"
        case .save: "[FILE]"
        case .open: "[SESSION]"
        case .mute, .solo: "ATOMS"
        case .scale, .shift: "ATOMS=NUMBER"
        case .help: "[WORD]"
        }
    }

    var help: String {
        switch self {
        case .ask: "ask a question about the image"
        case .find: "find a phrase in the image and draw its box"
        case .image: "choose an image by its number or a part of its name"
        case .images: "list the images of folders or files in place of what is listed; Tab completes paths"
        case .k: "the vision atoms in use for the next answers"
        case .save: "save the pane with the focus, as the key does"
        case .open: "open a session file; Tab completes paths"
        case .mute: "the answer without these atoms: mute vision/17, mute vision:0.25.."
        case .solo: "the answer with these atoms of their stack alone: solo fusion/2/40"
        case .scale: "the answer with these atoms made stronger or weaker: scale fusion/3=0.5"
        case .shift: "the answer with the phase of these atoms shifted: shift text/2=1.57"
        case .help: "the keys and the palette, at a word"
        }
    }

    /// The command that does the same without anything after it.
    var command: Command? {
        switch self {
        case .ask: .ask
        case .find: .ground
        case .save: .save
        case .open: .openSession
        case .help: .help
        case .image, .images, .k, .mute, .solo, .scale, .shift: nil
        }
    }

    /// What kind of files may follow.
    var paths: PathQuery.Kind? {
        switch self {
        case .images: .images
        case .open: .sessions
        case .save: .any
        default: nil
        }
    }
}

/// A word that can stand first on the palette's line.
public struct PaletteEntry: Equatable, Sendable {
    public enum Meaning: Equatable, Sendable {
        case verb(PaletteVerb)
        case command(Command)
    }

    public let name: String
    public let meaning: Meaning
    /// The key that does the same, after that of its screen where it has one; empty where there is none.
    public let keys: String
    public let help: String

    /// The name and what may follow it.
    public var usage: String {
        if case .verb(let verb) = meaning { "\(name) \(verb.argument)" } else { name }
    }

    /// Verbs first, then the commands, those of one screen before those of all; no name twice.
    public static let all: [PaletteEntry] = {
        var entries = PaletteVerb.allCases.map { verb in
            let bindings = KeyMap.bindings.filter { $0.command == verb.command }
            let binding = bindings.first { $0.home == nil } ?? bindings.first
            return PaletteEntry(
                name: verb.rawValue, meaning: .verb(verb), keys: binding.map(path(to:)) ?? "",
                help: verb.help)
        }
        // Of a command with several bindings the one that works everywhere tells most.
        let general = KeyMap.bindings.filter { $0.home == nil }, own = KeyMap.bindings.filter { $0.home != nil }
        for binding in own + general {
            guard let name = binding.command.paletteName, !entries.contains(where: { $0.name == name }),
                binding.home == nil || !general.contains(where: { $0.command == binding.command })
            else { continue }
            entries.append(
                PaletteEntry(
                    name: name, meaning: .command(binding.command), keys: path(to: binding), help: binding.help))
        }
        return entries
    }()

    private static func path(to binding: KeyBinding) -> String {
        (binding.home.map { "\($0.rawValue) " } ?? "") + KeyMap.name(of: binding.keys[0])
    }

    /// The entry of that name, or of the only name that begins so.
    static func named(_ word: String) -> PaletteEntry? {
        let word = word.lowercased()
        if let exact = all.first(where: { $0.name == word }) { return exact }
        let beginning = all.filter { $0.name.hasPrefix(word) }
        return beginning.count == 1 ? beginning[0] : nil
    }
}

extension Command {
    /// What the palette calls it; nil for what makes no sense there: moving about in a pane, and what a verb does.
    var paletteName: String? {
        switch self {
        case .focusNext, .focusPrevious, .focus, .up, .down, .left, .right, .pageUp, .pageDown, .first, .last, .enter, .escape,
            .previousPrompt, .nextPrompt, .palette:
            return nil
        case .ask, .ground, .save, .openSession, .help: return nil
        case .go(let screen): return screen == .ask ? "ask-screen" : screen.title.lowercased()
        case .toggleMouse: return "mouse"
        case .toggleDifference: return "difference"
        default: break
        }
        // The others are called as in the code, `nextLayer` being `next-layer`, so that none can be forgotten.
        let name = String(describing: self)
        guard name.allSatisfy(\.isLetter) else { return nil }
        return name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    }
}

extension KeyBinding {
    /// The screen on which it works; nil for all.
    var home: ScreenID? {
        switch place {
        case .screen(let screen): screen
        case .pane(let pane): pane.screen
        case .everywhere, .outsidePrompt, .heatmaps: nil
        }
    }
}
