// One question and what came of it, as lines of the conversation; the chosen word stands in brackets.

import Foundation
import SpectralLens
import SpectralModel
import SpectralScreen

extension ConversationView {
    /// Lines of one turn.
    struct TurnLines {
        let turn: Turn
        let state: WorkbenchState
        /// Whether it is the one in view, whose words can be chosen.
        let isShown: Bool
        let isMarked: Bool
        let columns: Int
        let look: Look
        private(set) var lines: [Line] = []
        /// The line that the chosen word stands on.
        private(set) var focus: Int?

        private static let chosenStyle = Style(.terminal, on: .role(.selection), .bold)

        private var chosen: Int? { isShown ? state.chosenWord : nil }
        private var chosenKind: TurnWord.Kind? { chosen.map { turn.words[$0].kind } }

        init(_ turn: Turn, _ state: WorkbenchState, isShown: Bool, isMarked: Bool, columns: Int, look: Look) {
            (self.turn, self.state, self.isShown, self.isMarked) = (turn, state, isShown, isMarked)
            (self.columns, self.look) = (columns, look)
            addQuestion()
            addAnswer()
            for (index, candidate) in turn.candidates.enumerated() {
                lines.append(.bar(label: candidate.text, probability: Double(candidate.probability), isBest: index == 0))
            }
            addTokens()
            addAlternatives()
            addPatch()
            addStatus()
            for warning in turn.warnings { lines += ConversationView.wrapped("! " + warning, columns, .warning) }
        }

        /// Lines of spans after two columns that `mark` stands in once.
        private mutating func add(_ spans: [WordFlow.Span], mark: String = "  ") {
            for (index, line) in WordFlow.lines(spans, width: columns - 2).enumerated() {
                if line.contains(where: { $0.style == Self.chosenStyle }) { focus = focus ?? lines.count }
                lines.append(.text([(index == 0 ? mark : "  ", .accent)] + line))
            }
        }

        private mutating func addQuestion() {
            let style = Style(.user), text = turn.request.prompt
            let spans: [WordFlow.Span] =
                switch (turn.request.task, chosenKind) {
                case (.caption, .task?): [("[\(turn.words[0].text)]", Self.chosenStyle)]
                case (.caption, _): [("caption", style)]
                case (.ask, _): question(text, style)
                case (.ground, _): [("find: ", style)] + question(text, style)
                }
            add(spans, mark: (isMarked ? String(look.glyphs.pointer) : "?") + " ")
        }

        /// The question with the chosen word in brackets, where it stands in the text if it is found there: the model's
        /// words may be parts of words, and in another case.
        private func question(_ text: String, _ style: Style) -> [WordFlow.Span] {
            guard let chosen else { return [(text, style)] }
            let words = turn.words, mark = "[\(words[chosen].text)]"
            guard words[chosen].kind == .question else {
                return (words[chosen].kind == .task ? [(mark, Self.chosenStyle), (" ", .plain)] : []) + [(text, style)]
            }
            var place = text.startIndex
            for index in 0...chosen where words[index].kind == .question {
                guard let range = text.range(of: words[index].text, options: .caseInsensitive, range: place..<text.endIndex) else {
                    continue
                }
                if index == chosen {
                    return [
                        (String(text[..<range.lowerBound]), style), ("[\(text[range])]", Self.chosenStyle),
                        (String(text[range.upperBound...]), style),
                    ]
                }
                place = range.upperBound
            }
            return [(text + " ", style), (mark, Self.chosenStyle)]
        }

        private mutating func addAnswer() {
            guard let answer = turn.answer else { return }
            let isChosen = chosenKind == .start && turn.request.task != .caption
            add([isChosen ? ("[\(answer)]", Self.chosenStyle) : (answer, Style(.answer, .bold))])
            guard let box = turn.box, case .ready(let image)? = state.selectedImage?.status else { return }
            let (width, height) = (Double(max(1, image.width)), Double(max(1, image.height)))
            func share(_ part: Double) -> String { Figure.percent(part) }
            lines += ConversationView.wrapped(
                "  \(share(box.width / width)) x \(share(box.height / height)) of the image, centre "
                    + "\(share((box.x + box.width / 2) / width)), \(share((box.y + box.height / 2) / height))", columns, .muted)
        }

        /// Words and a figure under each.
        private mutating func addTable(_ cells: [(text: String, figure: String, style: Style, isChosen: Bool)]) {
            var words: [WordFlow.Span] = [("  ", .plain)], figures = words
            var used = 2, hasChosen = false
            func end() {
                guard words.count > 1 else { return }
                if hasChosen { focus = focus ?? lines.count }
                lines += [.text(words), .text(figures)]
                (words, figures, used, hasChosen) = ([("  ", .plain)], [("  ", .plain)], 2, false)
            }
            for cell in cells {
                let text = cell.isChosen ? "[\(cell.text)]" : cell.text
                let width = max(TextWidth.of(text), cell.figure.count, 2) + 1
                if used + width > columns { end() }
                words.append((text, cell.isChosen ? Self.chosenStyle : .plain))
                words.append((TextWidth.padded("", to: width - TextWidth.of(text)), .plain))
                figures.append((TextWidth.padded(cell.figure, to: width), cell.style))
                used += width
                hasChosen = hasChosen || cell.isChosen
            }
            end()
        }

        /// Tokens with their probabilities in percent under them.
        private mutating func addTokens() {
            guard !turn.tokens.isEmpty else { return }
            var cells = turn.tokens.enumerated().map { index, token in
                let style: Style = token.probability >= 0.9 ? .good : token.probability >= 0.5 ? .plain : .warning
                return (
                    MeasuredAtoms.word(token.text), Figure.fixed(Double(token.probability) * 100, 0), style,
                    chosenKind == .caption(index)
                )
            }
            if let chosen, chosenKind == .start { cells.insert((turn.words[chosen].text, "", .plain, true), at: 0) }
            addTable(cells)
            lines.append(.plain("  token probabilities in %", .muted))
        }

        /// What the model held likeliest where it wrote the chosen word.
        private mutating func addAlternatives() {
            guard case .caption(let index)? = chosenKind, turn.tokens.indices.contains(index) else { return }
            let token = turn.tokens[index]
            lines += ConversationView.wrapped("  likeliest where \"\(MeasuredAtoms.word(token.text))\" stands:", columns, .muted)
            for other in token.alternatives {
                lines.append(
                    .bar(
                        label: MeasuredAtoms.word(other.text), probability: Double(other.probability),
                        isBest: other.probability == token.probability))
            }
        }

        /// The words' alignment with the chosen patch.
        private mutating func addPatch() {
            guard isShown else { return }
            if let patch = state.chosenPatch, let map = state.wordsOfPatch {
                lines.append(.plain("  cosine of each word with patch \(patch.row),\(patch.column)", .muted))
                let decimals = map.decimals
                addTable(
                    (0..<map.rows).map { row in
                        let isMasked = map.magnitudes[row] < map.maskFloor ?? 0, value = Double(map[row, 0])
                        let style: Style = isMasked ? .muted : value >= 0.5 ? .good : value < 0 ? .warning : .plain
                        return (
                            MeasuredAtoms.word(map.rowLabels[row]), isMasked ? "weak" : Figure.fixed(value, decimals), style,
                            chosen == row
                        )
                    })
            }
            if chosen != nil, state.alignedWord == nil, turn.measurement.phase != nil {
                lines += ConversationView.wrapped("  the caption was cut here: nothing read this word", columns, .muted)
            }
            if state.chosenPatch != nil || state.shownOverlay != nil {
                lines.append(.plain("  atom response, not attention", .muted))
            }
        }

        private mutating func addStatus() {
            switch turn.status {
            case .waiting, .running: lines.append(.plain("  working; Esc stops", .muted))
            case .cancelled: lines.append(.plain("  stopped before its end", .warning))
            case .failed(let line): lines += ConversationView.wrapped("  " + line, columns, .bad)
            case .done:
                var facts = turn.k.map { "K \($0)" } ?? ""
                if state.showsTimes, let milliseconds = turn.milliseconds { facts += ", \(Figure.short(milliseconds)) ms" }
                if let parent = state.turns.first(where: { $0.id == turn.parent }) {
                    facts += parent.request.prompt == turn.request.prompt ? ", asked again" : ", reworded"
                }
                lines.append(.plain("  " + facts, .muted))
            }
        }
    }
}
