// A session in memory: the entries of a file in order, checked against one another.
//
// Guarantees: the first entry is a header of a version this program reads; ids are unique; parents, edits and the
// subjects of notes stand on earlier lines; every edit's addresses are spelled right. Whatever a line holds beyond
// that is kept.

import Foundation
import SpectralFormats
import SpectralModel

/// An event and the whole line it came from.
public struct SessionEntry: Sendable, Hashable {
    /// Counted from 1.
    public let line: Int
    public let event: SessionEvent
    /// All members of the line, known or not.
    public let fields: JSONValue

    /// The line's members with those of `event` in place of what it said before.
    func fields(with event: SessionEvent) throws -> JSONValue { fields.merging(try SessionJSON.value(event)) }
}

public struct Session: Sendable, Equatable {
    /// Of the file.
    public let path: String
    public private(set) var entries: [SessionEntry] = []
    /// What had to be mended to read it, one line each.
    public private(set) var notices: [String] = []
    private var runPlaces: [String: Int] = [:]
    private var editPlaces: [String: Int] = [:]
    private var ids: Set<String> = []

    public init(path: String) { self.path = path }

    public var header: SessionHeader? {
        if case .session(let header)? = entries.first?.event { header } else { nil }
    }
    public var runs: [SessionRun] { entries.compactMap { if case .run(let run) = $0.event { run } else { nil } } }
    public var edits: [SessionEdit] { entries.compactMap { if case .edit(let edit) = $0.event { edit } else { nil } } }
    public var notes: [SessionNote] { entries.compactMap { if case .note(let note) = $0.event { note } else { nil } } }

    public func run(_ id: String) -> SessionRun? {
        if let place = runPlaces[id], case .run(let run) = entries[place].event { run } else { nil }
    }

    public func edit(_ id: String) -> SessionEdit? {
        if let place = editPlaces[id], case .edit(let edit) = entries[place].event { edit } else { nil }
    }

    /// The runs it came from, nearest first.
    public func ancestors(of id: String) -> [SessionRun] {
        // Parents stand on earlier lines, so this ends.
        Array(sequence(first: id) { self.run($0)?.parent }.dropFirst().compactMap { self.run($0) })
    }

    /// The runs that were re-asked or edited from it, in order.
    public func children(of id: String) -> [SessionRun] { runs.filter { $0.parent == id } }

    /// An id that is free: `r1`, `e1` or `n1` and so on.
    public func freeID(_ prefix: String) -> String {
        var number = 1
        while ids.contains("\(prefix)\(number)") { number += 1 }
        return "\(prefix)\(number)"
    }

    // MARK: Reading

    mutating func add(notice: String) { notices.append(notice) }

    /// Adds the bytes of one line.
    mutating func add(line bytes: some Collection<UInt8>) throws(SessionError) {
        let number = (entries.last?.line ?? 0) + 1
        try add(Self.fields(of: bytes, path: path, line: number), line: number)
    }

    /// Adds a line's members as an event.
    mutating func add(_ fields: JSONValue, line: Int) throws(SessionError) {
        let event = try Self.event(of: fields, path: path, line: line)
        func refuse(_ expected: String, _ found: String) -> SessionError {
            .malformed(path: path, line: line, expected: expected, found: found)
        }
        if let problem = problem(with: event) { throw refuse(problem.expected, problem.found) }
        if let id = event.id { ids.insert(id) }
        if case .run(let run) = event { runPlaces[run.id] = entries.count }
        if case .edit(let edit) = event { editPlaces[edit.id] = entries.count }
        entries.append(SessionEntry(line: line, event: event, fields: fields))
    }

    /// Why an event may not come next; nil when it may.
    func problem(with event: SessionEvent) -> (expected: String, found: String)? {
        if entries.isEmpty != (event.kind == "session") {
            return ("a session's header on the first line and nowhere else", "the event \(event.kind)")
        }
        if case .session(let header) = event, !(1...SessionHeader.currentVersion).contains(header.version) {
            return ("version 1 to \(SessionHeader.currentVersion) (a later one needs a later program)", "version \(header.version)")
        }
        if let id = event.id {
            if id.isEmpty { return ("an id", "an empty one") }
            if ids.contains(id) { return ("a new id", "\(id), which an earlier line has") }
        }
        switch event {
        case .run(let run):
            if let parent = run.parent, self.run(parent) == nil { return ("an earlier run as parent", parent) }
            if let edit = run.edit, self.edit(edit) == nil { return ("an earlier edit", edit) }
            if let k = run.k, k < 1 { return ("k of at least 1", "\(k)") }
            for (what, reference) in [("checkpoint", run.checkpoint), ("image", run.image)] where reference.name.isEmpty {
                return ("\(what) with the name of a bundled one or a path", "neither")
            }
            if let box = run.output?.box, box.count != 4 { return ("a box of 4 numbers", "\(box.count)") }
        case .edit(let edit):
            if edit.changes.isEmpty { return ("at least one change", "none") }
            for change in edit.changes { if let problem = change.problem { return problem } }
        case .note(let note):
            if let stranger = note.about?.first(where: { !ids.contains($0) }) { return ("a note about earlier events", stranger) }
        case .session, .other: break
        }
        return nil
    }

    private static func fields(
        of bytes: some Collection<UInt8>, path: String, line: Int
    ) throws(SessionError) -> JSONValue {
        let data = Data(bytes)
        do { return try JSONDecoder().decode(JSONValue.self, from: data) } catch {
            let found = MessageText.decoding(error, of: data, as: JSONValue.self).problem
            throw .malformed(path: path, line: line, expected: "a JSON object", found: found)
        }
    }

    private static func event(of fields: JSONValue, path: String, line: Int) throws(SessionError) -> SessionEvent {
        guard case .text(let kind)? = fields["event"] else {
            throw .malformed(path: path, line: line, expected: "an object that says what event it is", found: "something else")
        }
        func read<Event: Decodable>(_ type: Event.Type) throws(SessionError) -> Event {
            var data = Data()
            do {
                data = try JSONEncoder().encode(fields)
                return try JSONDecoder().decode(type, from: data)
            } catch {
                let (key, problem) = MessageText.decoding(error, of: data, as: type)
                throw .malformed(
                    path: path, line: line, expected: "the event \(kind)", found: key.isEmpty ? problem : "\(key): \(problem)")
            }
        }
        return switch kind {
        case "session": .session(try read(SessionHeader.self))
        case "run": .run(try read(SessionRun.self))
        case "edit": .edit(try read(SessionEdit.self))
        case "note": .note(try read(SessionNote.self))
        default: .other(kind)
        }
    }
}

extension SessionEdit.Change {
    /// What is wrong with it, whatever the checkpoint.
    var problem: (expected: String, found: String)? {
        if atoms.isEmpty { return ("at least one atom to \(action.rawValue)", "none") }
        if let wrong = atoms.first(where: { AtomAddress($0) == nil }) {
            return ("addresses such as vision/17 or fusion/2/40", wrong)
        }
        switch (action, amount) {
        case (.scale, nil), (.shift, nil): return ("an amount to \(action.rawValue) by", "none")
        case (.mute, _?), (.solo, _?): return ("no amount for \(action.rawValue)", "one")
        default: return nil
        }
    }
}
