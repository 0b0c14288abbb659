// What keys and news do on the Compare screen.

import SpectralScreen

extension WorkbenchState {
    /// Nil for what means the same on every screen.
    mutating func performOnCompare(_ command: Command) -> [Effect]? {
        switch command {
        case .up: moveOnCompare(rows: -1, columns: 0)
        case .down: moveOnCompare(rows: 1, columns: 0)
        case .left where focus != .matches: moveOnCompare(rows: 0, columns: -1)
        case .right where focus != .matches: moveOnCompare(rows: 0, columns: 1)
        case .pageUp: moveOnCompare(rows: -pageRows, columns: 0)
        case .pageDown: moveOnCompare(rows: pageRows, columns: 0)
        case .first, .last: jumpOnCompare(toEnd: command == .last)
        case .enter: return compareAgain()
        case .escape:
            if compareScreen.isBusy { return stopComparing() }
            // Esc has something else to stop.
            if running != nil || measuring != nil { return nil }
            if focus == .figures { go(to: .ask) } else { focus = .figures }
        case .fewerAtoms: return changeColumnK { $0 / 2 }
        case .moreAtoms: return changeColumnK { $0 * 2 }
        case .oneFewerAtom: return changeColumnK { $0 - 1 }
        case .oneMoreAtom: return changeColumnK { $0 + 1 }
        case .addColumn:
            guard facts != nil else { return refuse("the checkpoint is still loading") }
            if let problem = noRoomForColumns { return refuse(problem) }
            compareScreen.line = PromptLine()
            compareScreen.problem = nil
            focus = .figures
        case .removeColumn: return removeColumn()
        case .nextColumn:
            compareScreen.chosen = (compareScreen.chosen + 1) % max(1, compareScreen.columns.count)
        case .toggleDifference:
            compareScreen.showsDifference.toggle()
            if focus != .maps { focus = .maps }
        case .nextDisagreement: return findDisagreement()
        default: return nil
        }
        return []
    }

    // MARK: Moving about

    private var pageRows: Int { max(1, layout.listRows(of: focus) - 1) }

    private mutating func moveOnCompare(rows: Int, columns: Int) {
        switch focus {
        case .matches: compareScreen.matchList.move(by: rows, count: compareScreen.matches.count)
        case .maps:
            guard let now = comparisonMapCursor else { return }
            let sizes = compareScreen.columns.compactMap { compared($0)?.patches }.map { ($0.rows, $0.columns) }
            let most = (sizes.map(\.0).max() ?? 1, sizes.map(\.1).max() ?? 1)
            compareScreen.cursor = MapCursor(
                row: min(max(0, now.row + rows), max(0, most.0 - 1)),
                column: min(max(0, now.column + columns), max(0, most.1 - 1)))
        default:
            compareScreen.scroll = min(max(0, compareScreen.scroll + rows), CompareFiguresView.scrollLimit(self))
            let last = max(0, compareScreen.columns.count - 1)
            compareScreen.chosen = min(max(0, compareScreen.chosen + columns), last)
        }
    }

    private mutating func jumpOnCompare(toEnd: Bool) {
        switch focus {
        case .matches:
            let count = compareScreen.matches.count
            compareScreen.matchList.select(toEnd ? count - 1 : 0, count: count)
        case .maps: compareScreen.cursor = toEnd ? nil : MapCursor(row: 0, column: 0)
        default: compareScreen.scroll = toEnd ? CompareFiguresView.scrollLimit(self) : 0
        }
    }

    // MARK: Columns

    private var noRoomForColumns: String? {
        compareScreen.columns.count < CompareScreenState.mostColumns
            ? nil : "there are \(CompareScreenState.mostColumns) columns already; x removes the chosen one"
    }

    /// Whatever ran was about other columns.
    private mutating func columnsChanged() -> [Effect] {
        compareScreen.problem = nil
        guard compareScreen.search != nil || compareScreen.underWay != nil else { return [] }
        (compareScreen.search, compareScreen.underWay) = (nil, nil)
        return [.compare(.stop)]
    }

    private mutating func changeColumnK(_ next: (Int) -> Int) -> [Effect] {
        let columns = compareScreen.columns, place = compareScreen.chosen
        guard columns.indices.contains(place) else { return refuse("the checkpoint is still loading") }
        var column = columns[place]
        guard column.hasAtoms else { return refuse("K means nothing to the attention twin") }
        repeat {
            let k = min(max(1, next(column.k)), column.visionAtoms)
            guard k != column.k else {
                return refuse("no other K that way: \(column.name) has 1 to \(column.visionAtoms), each a column once")
            }
            column.k = k
        } while columns.contains(column)
        compareScreen.columns[place] = column
        return columnsChanged()
    }

    private mutating func removeColumn() -> [Effect] {
        guard compareScreen.columns.count > 2 else { return refuse("a comparison needs two columns; + adds one") }
        compareScreen.columns.remove(at: compareScreen.chosen)
        compareScreen.chosen = min(compareScreen.chosen, compareScreen.columns.count - 1)
        return columnsChanged()
    }

    private mutating func add(_ column: CompareColumn) -> [Effect] {
        if let problem = noRoomForColumns { return refuse(problem) }
        if compareScreen.columns.contains(where: { $0.folder == column.folder && $0.k == column.k }) {
            return refuse("\(column.label) is a column already")
        }
        compareScreen.columns.append(column)
        compareScreen.chosen = compareScreen.columns.count - 1
        return columnsChanged()
    }

    mutating func pressInColumnLine(_ key: Key) -> [Effect] {
        guard var line = compareScreen.line else { return [] }
        switch key {
        case .enter:
            compareScreen.line = nil
            return addColumn(named: line.text.split { $0 == " " }.joined(separator: " "))
        case .escape: compareScreen.line = nil
        default:
            _ = line.handle(key)
            compareScreen.line = line
        }
        return []
    }

    /// `8` is a K of the loaded checkpoint, nothing the next half that is free; anything else names a checkpoint.
    private mutating func addColumn(named text: String) -> [Effect] {
        guard let facts else { return [] }
        func own(_ k: Int) -> CompareColumn {
            CompareColumn(folder: nil, name: facts.name, k: k, visionAtoms: facts.visionAtoms, hasAtoms: facts.hasAtoms)
        }
        if text.isEmpty {
            var k = facts.visionAtoms
            while k > 1, compareScreen.columns.contains(own(k)) { k /= 2 }
            return add(own(k))
        }
        guard let k = Int(text) else {
            compareScreen.opening = text
            return [.compare(.open(text))]
        }
        guard (1...facts.visionAtoms).contains(k) else {
            return refuse("K is out of range: \(facts.name) has 1 to \(facts.visionAtoms) vision atoms, found \(k)")
        }
        return add(own(k))
    }

    // MARK: Asking

    private mutating func compareAgain() -> [Effect] {
        guard let subject = compareSubject else { return refuse("there is no image; choose one on the Ask screen") }
        if compareScreen.underWay != nil { return refuse("the columns are being asked; Esc stops") }
        compareScreen.forget(subject)
        compareScreen.stopped = nil
        compareScreen.problem = nil
        return []
    }

    private mutating func stopComparing() -> [Effect] {
        if let request = compareScreen.underWay { compareScreen.stopped = request }
        (compareScreen.underWay, compareScreen.search, compareScreen.opening) = (nil, nil, nil)
        notice = CompareScreenState.stoppedNotice
        return [.compare(.stop)]
    }

    private mutating func findDisagreement() -> [Effect] {
        guard let subject = compareSubject else { return refuse("there is no image; choose one on the Ask screen") }
        if compareScreen.search != nil { return refuse("the search is under way; Esc stops it") }
        guard compareScreen.columns.count >= 2 else { return refuse("a comparison needs two columns; + adds one") }
        var questions: [CompareQuestion] = []
        for turn in turns where turn.request.task.takesWords {
            let question = CompareQuestion(task: turn.request.task, prompt: turn.request.prompt)
            if !questions.contains(question) { questions.append(question) }
        }
        if questions.isEmpty { questions = [.caption] }
        let own = questions.firstIndex(of: subject.question)
        let after = own.map { Array(questions[($0 + 1)...]) } ?? questions, before = own.map { Array(questions[..<$0]) } ?? []
        let paths = images.map(\.path), row = min(imageList.selected, max(0, paths.count - 1))
        let others = Array(paths.dropFirst(row + 1) + paths.prefix(row))
        let legs = [([subject.imagePath], after), (others, questions), ([subject.imagePath], before)]
            .filter { !$0.0.isEmpty && !$0.1.isEmpty }.map { DisagreementOrder.Leg(images: $0.0, questions: $0.1) }
        guard !legs.isEmpty else { return refuse("there is no other image, and no other question was asked") }
        let order = DisagreementOrder(id: compareScreen.nextID(), columns: compareScreen.columns, legs: legs)
        compareScreen.search = CompareScreenState.Search(
            id: order.id, total: legs.reduce(0) { $0 + $1.images.count }, images: Set(legs.flatMap(\.images)).count,
            questions: questions.count)
        compareScreen.problem = nil
        return [.compare(.search(order))]
    }

    mutating func hearCompare(_ news: CompareNews) -> [Effect] {
        switch news {
        case .compared(let key, let result): compareScreen.keep(key, result)
        case .failed(let key, let line): compareScreen.failures[key] = line
        case .ended(let id): if compareScreen.underWay?.id == id { compareScreen.underWay = nil }
        case .opened(let text, let column):
            guard compareScreen.opening == text else { break }
            compareScreen.opening = nil
            var column = column
            // Two folders may share their last name.
            let namesakes = compareScreen.columns.contains { $0.name == column.name && $0.folder != column.folder }
            if let folder = column.folder, namesakes || facts?.name == column.name { column.name = folder }
            return add(column)
        case .notOpened(let text, let problem):
            guard compareScreen.opening == text else { break }
            (compareScreen.opening, compareScreen.problem) = (nil, problem)
        case .searched(let id, let done, let isUnreadable):
            guard compareScreen.search?.id == id else { break }
            compareScreen.search?.done = done
            if isUnreadable { compareScreen.search?.unreadable += 1 }
        case .searchFailed(let id, let problem):
            guard compareScreen.search?.id == id else { break }
            (compareScreen.search, compareScreen.problem) = (nil, problem)
        case .found(let id, let subject):
            guard let search = compareScreen.search, search.id == id else { break }
            compareScreen.search = nil
            if let subject {
                compareScreen.arrived = subject
                // Elsewhere something may just be written about another image.
                if screen != .compare { notice = "the columns disagree somewhere: \(ScreenID.compare.rawValue) shows it" }
            } else {
                let unread = search.unreadable > 0 ? "; \(search.unreadable) could not be read" : ""
                notice = "the columns agree on all else: \(search.images) images\(unread)"
            }
        }
        return []
    }

    /// Asks for what the screen needs and has not.
    mutating func settleCompare() -> [Effect] {
        guard let facts else { return [] }
        if compareScreen.columns.isEmpty { compareScreen.columns = CompareColumn.usual(facts) }
        let moves = goToDisagreement()
        compareScreen.pair()
        let rows = compareScreen.matches.count
        compareScreen.matchList = compareScreen.matchList.scrolled(count: rows, height: layout.listRows(of: .matches))
        compareScreen.scroll = min(compareScreen.scroll, CompareFiguresView.scrollLimit(self))
        return moves + askMissing()
    }

    private mutating func goToDisagreement() -> [Effect] {
        guard let subject = compareScreen.arrived else { return [] }
        compareScreen.arrived = nil
        guard let row = images.firstIndex(where: { $0.path == subject.imagePath }) else {
            notice = "the columns disagree on an image that is no longer in the list"
            return []
        }
        let effects = selectImage(row)
        pick(subject)
        notice = "the columns disagree on \(images[row].name)"
        return effects
    }

    private mutating func askMissing() -> [Effect] {
        guard let subject = compareSubject else { return [] }
        if case .broken? = selectedImage?.status { return [] }
        let missing = compareScreen.columns.filter { compared($0) == nil && comparisonFailure($0) == nil }
        func covers(_ request: CompareRequest?) -> Bool {
            guard let request, request.subject == subject else { return false }
            return missing.allSatisfy(request.columns.contains)
        }
        guard !missing.isEmpty, !covers(compareScreen.underWay), !covers(compareScreen.stopped) else { return [] }
        let request = CompareRequest(id: compareScreen.nextID(), subject: subject, columns: missing)
        compareScreen.underWay = request
        return [.compare(.ask(request))]
    }
}
