// What a line of the palette does.

import SpectralLens
import SpectralModel
import SpectralScreen

extension WorkbenchState {
    /// Runs a line and remembers it; what it cannot do it says in one line.
    mutating func runPalette(_ text: String) -> [Effect] {
        // Spaces within stay: a path may hold two of them.
        let line = String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        guard !line.isEmpty else { return [] }
        paletteHistory.removeAll { $0 == line }
        paletteHistory.append(line)
        if paletteHistory.count > Self.mostPaletteHistory { paletteHistory.removeFirst() }
        let word = String(line.prefix { $0 != " " }), rest = String(line.dropFirst(word.count).drop { $0 == " " })
        if let entry = PaletteEntry.named(word) {
            switch entry.meaning {
            case .verb(let verb): return run(verb, rest)
            case .command(let command):
                guard rest.isEmpty else { return refuse("\(entry.name) takes nothing after it") }
                return run(command)
            }
        }
        if let address = AtomAddress(word.lowercased()), rest.isEmpty { return visit(address) }
        let stacks = AtomStack.allCases.map(\.rawValue)
        if stacks.contains(String(word.lowercased().prefix { $0 != "/" })) {
            return refuse("\(line) is no atom: write one such as vision/17, or fusion/2/40 for layer 2")
        }
        let beginning = PaletteEntry.all.map(\.name).filter { $0.hasPrefix(word.lowercased()) }
        let near = beginning.isEmpty ? FuzzyMatch.nearest(PaletteEntry.all.map(\.name), to: word.lowercased()) : beginning
        let list = near.prefix(6).joined(separator: ", ")
        return refuse(beginning.isEmpty ? "\(word) is no command; the nearest are \(list)" : "\(word) could be \(list)")
    }

    /// Does what a key would do, on the screen where that key works.
    mutating func run(_ command: Command) -> [Effect] {
        let bindings = KeyMap.bindings.filter { $0.command == command }
        let worksHere = bindings.contains { $0.home == nil || $0.home == screen }
        if !worksHere, let home = bindings.first?.home { go(to: home) }
        return perform(command)
    }

    private mutating func run(_ verb: PaletteVerb, _ rest: String) -> [Effect] {
        if rest.isEmpty, let command = verb.command { return run(command) }
        guard !rest.isEmpty else { return refuse("\(verb.rawValue) \(verb.argument): \(verb.help)") }
        switch verb {
        case .ask, .find:
            let wanted = verb == .ask ? AskTask.ask : .ground
            if let line = refusal(of: wanted) { return refuse(line) }
            task = wanted
            showsAtoms = false
            setFocus(.conversation)
            return send(task, prompt: rest)
        case .k: return setK(rest)
        case .image: return chooseImage(rest)
        case .images:
            imagesOpening = PaletteWords.split(rest)
            return [.openImages(imagesOpening ?? [], known: knownPaths)]
        case .save: return save(to: PaletteWords.split(rest).joined(separator: " "))
        case .open:
            go(to: .sessions)
            return [.openSession(PaletteWords.split(rest).joined(separator: " "))]
        case .mute, .solo, .scale, .shift: return writeEdit("\(verb.rawValue) \(rest)")
        case .help:
            overlay = .help(HelpState(pattern: rest).found(1, size))
            return []
        }
    }

    private mutating func setK(_ text: String) -> [Effect] {
        guard let limit = facts?.visionAtoms else { return refuse("the checkpoint is still loading") }
        guard facts?.hasAtoms == true else { return refuse("this checkpoint is the attention twin: it has no atoms, and no K") }
        guard let wanted = text.lowercased() == "all" ? limit : Int(text), (1...limit).contains(wanted) else {
            return refuse("k takes 1 to \(limit), the vision atoms of this checkpoint, or all; found \(text)")
        }
        k = wanted == limit ? nil : wanted
        notice = "K \(wanted) of \(limit) vision atoms for the next answers"
        return []
    }

    private mutating func chooseImage(_ text: String) -> [Effect] {
        guard !images.isEmpty else { return refuse("there is no image; images PATH lists a folder") }
        // Data sets name images by numbers: a whole name comes first, then a place in the list, then a part of a name.
        let pattern = SearchPattern(text)
        func stem(_ name: String) -> Substring { name.lastIndex(of: ".").map { name[..<$0] } ?? name[...] }
        guard let row = images.firstIndex(where: { $0.name == text || stem($0.name) == text })
            ?? Int(text).flatMap({ (1...images.count).contains($0) ? $0 - 1 : nil })
            ?? images.firstIndex(where: { pattern.fits($0.name) })
        else { return refuse("there are images 1 to \(images.count), and none has \(text) in its name") }
        let effects = selectImage(row)
        notice = "image \(row + 1) of \(images.count): \(images[row].name)"
        return effects
    }

    private mutating func writeEdit(_ text: String) -> [Effect] {
        do {
            let edit = try LensEdit(line: text)
            setFocus(.edits)
            (lensScreen.line, lensScreen.rewritten, lensScreen.lineProblem) = (nil, nil, nil)
            keep(edit)
            return []
        } catch { return refuse(error.description) }
    }

    // MARK: Atoms

    private mutating func visit(_ address: AtomAddress) -> [Effect] {
        switch checkpoint {
        case .underWay: return refuse("the checkpoint is still loading")
        case .failed(let line): return refuse(line)
        case .done(let facts): if !facts.hasAtoms { return refuse("this checkpoint is the attention twin: it has no atoms") }
        }
        if atomsScreen.listing == .done, let problem = problem(with: address) { return refuse(problem) }
        atomsScreen.awaited = address
        setFocus(.table)
        return []
    }

    /// One line when the checkpoint has no such atom, with the range that it has.
    private func problem(with address: AtomAddress) -> String? {
        let own = atomsScreen.records.filter { $0.stack == address.stack }
        guard own.contains(where: { $0.index == address.atom }) else {
            return "\(address): no such atom; \(address.stack.rawValue) has 0 to \(own.count - 1)"
        }
        let layers = own.first?.layers.count ?? 0
        guard let layer = address.layer, layer >= layers else { return nil }
        return "\(address): no such layer; \(address.stack.rawValue) has 0 to \(layers - 1)"
    }

    /// Chooses the atom that was asked for by its address, once the atoms are known.
    mutating func goToAwaitedAtom() {
        guard let wanted = atomsScreen.awaited, atomsScreen.listing != .underWay else { return }
        atomsScreen.awaited = nil
        guard atomsScreen.listing == .done else { return }
        if let problem = problem(with: wanted) {
            notice = problem
            return
        }
        func row() -> Int? { listedAtoms.firstIndex { $0.stack == wanted.stack && $0.index == wanted.atom } }
        // A filter that hides it would hide what was asked for.
        if row() == nil { (atomsScreen.filter, atomsScreen.filterLine) = ("", nil) }
        atomsScreen.list.select(row() ?? 0, count: listedAtoms.count)
        if let layer = wanted.layer { atomsScreen.layer = layer }
    }

    // MARK: Images

    /// Paths of images that something is known of, as they are spelled here.
    var knownPaths: [String] {
        var known: Set<String> = []
        return (images.map(\.path) + turns.map(\.request.imagePath)).filter { known.insert($0).inserted }
    }

    /// Lists what was opened in place of what was listed.
    mutating func hearOpened(_ sources: [String], _ paths: [String]) -> [Effect] {
        guard imagesOpening == sources else { return [] }
        (imagesOpening, imageSources) = (nil, sources)
        let before = selectedImage?.path
        let effects = list(paths, nil)
        if selectedImage?.path != before { (conversationScroll, atomList, atomIsChosen) = (0, ListState(), false) }
        notice = paths.count == 1 ? "1 image listed" : "\(paths.count) images listed"
        return effects
    }

    mutating func hearNotOpened(_ sources: [String], _ problem: String) -> [Effect] {
        guard imagesOpening == sources else { return [] }
        notice = problem
        // At the start nothing is listed yet: what the program was started with is, then.
        let hasNone = images.isEmpty && imageSources.isEmpty
        (imagesOpening, isListing) = (nil, hasNone)
        return hasNone ? [.listImages] : []
    }
}
