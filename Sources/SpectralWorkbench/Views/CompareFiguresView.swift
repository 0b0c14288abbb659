// What every column made of the image and the question, side by side.

import SpectralLens
import SpectralModel
import SpectralScreen

enum CompareFiguresView {
    private static let labelWidth = 12
    private static let widestColumn = 40
    private static let gap = 2
    /// Lines that stay while the others scroll: the subject, the columns' names and their K.
    static let headLines = 3

    private typealias Cell = (text: String, style: Style)

    /// One line of the table.
    private struct Line {
        let label: String
        let cells: [Cell]
    }

    static func draw(_ state: WorkbenchState, size: ScreenSize, look: Look) -> CellGrid {
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let own = state.compareScreen
        let inside = PaneFrame(title: title(state), isFocused: state.focus == .figures).draw(on: &grid, look: look)
            .inset(rows: 0, columns: 1)
        let foot = footRect(state, inside)
        drawFoot(state, in: foot, on: &grid, look: look)
        guard let subject = state.compareSubject, !own.columns.isEmpty else {
            let (text, style) = explanation(state)
            let room = Rect(row: inside.row, column: inside.column, rows: inside.rows - foot.rows, columns: inside.columns)
            grid.drawNote(text, in: room, style: style)
            return grid
        }
        let told = describe(subject, state, columns: inside.columns)
        grid.put(told, in: inside.line(0), style: .title, ellipsis: look.glyphs.ellipsis)
        let places = places(in: inside, count: own.columns.count)
        for (index, column) in own.columns.enumerated() {
            let isChosen = index == own.chosen
            let mark = isChosen ? "\(look.glyphs.pointer) " : "  "
            let style = isChosen ? Style(.accent, .bold) : .title
            let place = places[index]
            func line(_ row: Int) -> Rect { Rect(row: inside.row + row, column: place.column, rows: 1, columns: place.columns) }
            grid.put(mark + column.name, in: line(1), style: style, ellipsis: look.glyphs.ellipsis)
            let kind = index == 0 ? "first" : state.kind(of: column).rawValue
            grid.put("  " + (column.hasAtoms ? "K \(column.k) \(kind)" : kind), in: line(2), style: isChosen ? .accent : .muted)
        }
        let body = bodyRect(state, inside)
        let lines = lines(state, width: places.first?.columns ?? 0)
        let first = min(own.scroll, max(0, lines.count - body.rows))
        for (offset, line) in lines.dropFirst(first).prefix(body.rows).enumerated() {
            let row = body.row + offset
            grid.put(line.label, row: row, column: body.column, style: .muted, limit: body.column + labelWidth)
            for (place, cell) in zip(places, line.cells) {
                let rect = Rect(row: row, column: place.column + 2, rows: 1, columns: place.columns - 2)
                grid.put(cell.text, in: rect, style: cell.style, ellipsis: look.glyphs.ellipsis)
            }
        }
        if first > 0 { grid.put(String(look.glyphs.moreAbove), row: body.row, column: size.columns - 1, style: .muted) }
        if first + body.rows < lines.count, body.rows > 0 {
            grid.put(String(look.glyphs.moreBelow), row: body.endRow - 1, column: size.columns - 1, style: .muted)
        }
        return grid
    }

    /// How far the table can be scrolled.
    static func scrollLimit(_ state: WorkbenchState) -> Int {
        max(0, texts(state).count - bodyRows(state))
    }

    /// The lines of the table as they are shown, to be searched.
    static func texts(_ state: WorkbenchState) -> [String] {
        guard let inside = inside(state), !state.compareScreen.columns.isEmpty else { return [] }
        let width = places(in: inside, count: state.compareScreen.columns.count).first?.columns ?? 0
        return lines(state, width: width).map { ([$0.label] + $0.cells.map(\.text)).joined(separator: " ") }
    }

    /// Lines of the table in view.
    static func bodyRows(_ state: WorkbenchState) -> Int { inside(state).map { bodyRect(state, $0).rows } ?? 0 }

    /// The column at a place of the pane.
    static func column(at column: Int, _ state: WorkbenchState) -> Int? {
        guard let inside = inside(state) else { return nil }
        let places = places(in: inside, count: state.compareScreen.columns.count)
        return places.firstIndex { $0.column <= column && column < $0.endColumn }
    }

    private static func inside(_ state: WorkbenchState) -> Rect? {
        state.layout.place(of: .figures).map { Rect(rows: $0.rows, columns: $0.columns).inset().inset(rows: 0, columns: 1) }
    }

    /// Where the terminal's cursor belongs inside the pane; nil while no column is being written.
    static func cursor(_ state: WorkbenchState, size: ScreenSize) -> (row: Int, column: Int)? {
        guard let line = state.compareScreen.line, state.overlay == nil else { return nil }
        var grid = CellGrid(rows: size.rows, columns: size.columns)
        let inside = grid.bounds.inset().inset(rows: 0, columns: 1)
        return grid.drawPrompt(line, label: lineLabel, in: footRect(state, inside))
    }

    // MARK: Places

    private static func places(in inside: Rect, count: Int) -> [Rect] {
        let start = inside.column + labelWidth, room = inside.endColumn - start
        let width = min(widestColumn, (room - gap * (count - 1)) / max(1, count))
        return (0..<count).map {
            Rect(row: inside.row, column: start + $0 * (width + gap), rows: inside.rows, columns: width)
        }
    }

    private static func footRect(_ state: WorkbenchState, _ inside: Rect) -> Rect {
        var rows = 0
        if state.compareScreen.line != nil {
            rows = 1
        } else if let problem = state.compareScreen.problem {
            rows = min(5, TextWrap.lines(problem, width: inside.columns).count)
        } else if let warning = warning(state) {
            rows = min(2, TextWrap.lines(warning, width: inside.columns).count)
        }
        return Rect(row: inside.endRow - rows, column: inside.column, rows: rows, columns: inside.columns)
    }

    private static func bodyRect(_ state: WorkbenchState, _ inside: Rect) -> Rect {
        Rect(
            row: inside.row + headLines, column: inside.column,
            rows: inside.rows - headLines - footRect(state, inside).rows, columns: inside.columns)
    }

    // MARK: Around the table

    private static func title(_ state: WorkbenchState) -> String {
        let own = state.compareScreen
        if let folder = own.opening { return "Opening \(folder); Esc stops" }
        if let search = own.search {
            let about = search.questions == 1 ? "" : ", \(search.questions) questions each"
            return "Looking for a disagreement: image \(min(search.done + 1, search.total)) of \(search.total)\(about); Esc stops"
        }
        if let request = own.underWay {
            let done = request.columns.count { own.results[CompareKey(column: $0, subject: request.subject)] != nil }
            return "Asking column \(min(done + 1, request.columns.count)) of \(request.columns.count); Esc stops"
        }
        return "Columns side by side"
    }

    private static func describe(_ subject: CompareSubject, _ state: WorkbenchState, columns: Int) -> String {
        let name = state.selectedImage?.name ?? ""
        switch subject.question.task {
        case .ask: return "\(name): \(subject.question.prompt)"
        case .ground: return "\(name): find \(subject.question.prompt)"
        case .caption:
            let told = "\(name): its caption", hint = " (ask something on the Ask screen to compare answers)"
            return state.tasks.contains(.ask) && TextWidth.of(told + hint) <= columns ? told + hint : told
        }
    }

    /// That the image is unlike the training images, as the Ask screen was told of it; nil while it was not asked.
    private static func warning(_ state: WorkbenchState) -> String? {
        let turns = state.turns.filter { $0.request.imagePath == state.compareSubject?.imagePath }
        return turns.compactMap(\.unfamiliarity).last.map { "! " + (state.facts.map { "\($0.name): " } ?? "") + $0 }
    }

    private static let lineLabel = "new column: "

    private static func drawFoot(_ state: WorkbenchState, in rect: Rect, on grid: inout CellGrid, look: Look) {
        let own = state.compareScreen
        if let line = own.line {
            grid.drawPrompt(line, label: lineLabel, in: rect, isFocused: true)
            guard line.isEmpty else { return }
            let start = rect.column + TextWidth.of(lineLabel) + 2
            let room = Rect(row: rect.row, column: start, rows: 1, columns: rect.endColumn - start)
            grid.put("a K, or a checkpoint's folder", in: room, style: .muted, ellipsis: look.glyphs.ellipsis)
        } else if let problem = own.problem {
            grid.drawNote(problem, in: rect, style: .bad)
        } else if let warning = warning(state) {
            grid.drawNote(warning, in: rect, style: .warning)
        }
    }

    private static func explanation(_ state: WorkbenchState) -> (String, Style) {
        switch state.checkpoint {
        case .underWay: return ("Reading the checkpoint.", .muted)
        case .failed(let line): return (line, .bad)
        case .done: return ("There is no image to compare answers about: choose one on the Ask screen (1).", .muted)
        }
    }

    // MARK: The table

    private static func lines(_ state: WorkbenchState, width: Int) -> [Line] {
        let columns = state.compareScreen.columns, made = columns.map { state.compared($0)?.output }
        let agreements = columns.map(state.agreement)
        var lines: [Line] = []
        func row(_ label: String, _ cell: (Int, ColumnOutput) -> Cell?) {
            let cells: [Cell?] = made.enumerated().map { index, output in output.flatMap { cell(index, $0) } }
            guard cells.contains(where: { $0 != nil }) else { return }
            let wrapped = cells.map { TextWrap.lines($0?.text ?? "", width: max(1, width - 2)) }
            for at in 0..<(wrapped.map(\.count).max() ?? 0) {
                let parts: [Cell] = cells.indices.map { index in
                    (at < wrapped[index].count ? wrapped[index][at] : "", cells[index]?.style ?? .plain)
                }
                lines.append(Line(label: at == 0 ? label : "", cells: parts))
            }
        }
        func style(_ isSame: Bool?) -> Style { isSame == false ? .warning : Style(.answer) }
        let waiting: [Cell] = columns.map { column in
            if let line = state.comparisonFailure(column) { return (line, .bad) }
            if state.compared(column) != nil { return ("", .plain) }
            if case .broken(let line)? = state.selectedImage?.status { return (line, .bad) }
            let isStopped = state.compareScreen.stopped?.columns.contains(column) == true && state.compareScreen.underWay == nil
            return isStopped ? ("stopped; Enter asks again", .warning) : ("waiting", .muted)
        }
        if waiting.contains(where: { !$0.text.isEmpty }) {
            let wrapped = waiting.map { TextWrap.lines($0.text, width: max(1, width - 2)) }
            for at in 0..<(wrapped.map(\.count).max() ?? 0) {
                lines.append(Line(label: "", cells: zip(waiting, wrapped).map { (at < $1.count ? $1[at] : "", $0.style) }))
            }
        }
        row("caption") { index, output in output.caption.map { ($0.caption, style(agreements[index]?.sameCaption)) } }
        let task = state.compareSubject?.question.task
        row("answer") { index, output in
            if task == .ask, output.answer == nil { return ("not trained to answer", .muted) }
            return output.answer.map { ($0.answer, style(agreements[index]?.sameAnswer)) }
        }
        row("probability") { _, output in
            output.answer?.candidates.first.map { (Figure.percent(Double($0.probability)), .plain) }
        }
        row("box") { index, output in
            if task == .ground, output.box == nil { return ("not trained to find", .muted) }
            return output.box.map { made in
                let side = { (value: Double) in Figure.fixed(value, value < 100 ? 1 : 0) }
                let box = made.box, isNear = agreements[index]?.boxIoU.map { $0 >= ColumnAgreement.leastIoU }
                return ("at \(side(box.x)), \(side(box.y)), \(side(box.width)) x \(side(box.height))", style(isNear))
            }
        }
        row("agreement") { index, _ in
            guard index > 0 else { return ("-", .muted) }
            return agreements[index].map(describe)
        }
        if state.showsTimes { row("milliseconds") { _, output in (Figure.short(output.milliseconds), .plain) } }
        row("GFLOPs") { _, output in (Figure.short(output.operations.billions), .plain) }
        row("state bytes") { _, output in (Figure.fixed(Double(output.stateBytes), 0), .plain) }
        row("recon. error") { _, output in
            (output.reconstructionError.map { Figure.short($0) } ?? "no atoms", .plain)
        }
        return lines
    }

    private static func describe(_ agreement: ColumnAgreement) -> Cell {
        var parts: [String] = []
        if let same = agreement.sameAnswer { parts.append(same ? "same answer" : "other answer") }
        if let iou = agreement.boxIoU { parts.append("box IoU \(Figure.fixed(iou, 2))") }
        if agreement.sameCaption == true {
            parts.append("same caption")
        } else if let overlap = agreement.captionOverlap {
            parts.append("\(Figure.percent(overlap)) common words")
        }
        return (parts.joined(separator: ", "), agreement.isDisagreement ? .warning : .good)
    }
}
