// The use of the atoms over the listed images: what was asked for, how far it has come, what is known.

import SpectralLens
import SpectralModel
import SpectralScreen

/// What comes of measuring; the number says which measuring it belongs to.
public enum UsageNews: Equatable, Sendable {
    case progress(Int, done: Int, total: Int, unreadable: Int)
    case known(Int, FolderUsage)
    /// All that was wanted, or all there was until it was stopped.
    case ended(Int)
    /// One line that says what to do.
    case failed(Int, String)
}

/// What the Atoms screen knows of the atoms' use.
public struct AtomUsageState: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        case none, running, stopped, done
        case failed(String)
    }

    public var status = Status.none
    /// Counts measurings, so that late news of an old one is told apart.
    public var number = 0
    public var done = 0
    public var total = 0
    public var unreadable = 0
    public private(set) var usage: FolderUsage?
    private(set) var byAddress: [AtomAddress: AtomUse] = [:]
    /// Of the chosen atom's top images.
    public var list = ListState()

    /// Images named for an atom.
    static let topImages = 10

    public var isRunning: Bool { status == .running }
    public var n: Int { usage?.n ?? 0 }

    /// What a title says: `use, n 12` or `use, 12 of 64`; empty while nothing is known or asked for.
    var label: String {
        switch status {
        case .none: ""
        case .running: "measuring use, \(done) of \(total)"
        case .stopped: "use, stopped, n \(n)"
        case .done, .failed: n > 0 ? "use, n \(n)" : ""
        }
    }

    mutating func set(_ usage: FolderUsage) {
        self.usage = usage
        byAddress = Dictionary(usage.atoms.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    }
}

extension WorkbenchState {
    /// The chosen atom's use; nil while it is not known, and for atoms that are not measured.
    var chosenUse: AtomUse? { chosenRecord.flatMap { atomsScreen.usage.byAddress[$0.address] } }

    var chosenTop: [ImageShare] {
        guard let use = chosenUse, let usage = atomsScreen.usage.usage else { return [] }
        return usage.top(AtomUsageState.topImages, of: use)
    }

    /// Starts measuring over the listed images, in place of nothing: one at a time.
    mutating func measureUsage() -> [Effect] {
        if case .failed(let line) = checkpoint { return refuse(line) }
        guard let facts else { return refuse("the checkpoint is still loading") }
        guard facts.hasAtoms else { return refuse("this checkpoint is the attention twin: it has no atoms to measure") }
        guard !images.isEmpty else { return refuse("there are no images to measure the use over; start with --images DIR") }
        guard !atomsScreen.usage.isRunning else { return refuse("the use is being measured; Esc stops it") }
        atomsScreen.usage.number += 1
        atomsScreen.usage.status = .running
        (atomsScreen.usage.done, atomsScreen.usage.total, atomsScreen.usage.unreadable) = (0, images.count, 0)
        atomsScreen.side = .usage
        notice = "measuring use over \(images.count) images; Esc stops and keeps what there is"
        return [.measureUsage(number: atomsScreen.usage.number, paths: images.map(\.path), k: k)]
    }

    mutating func stopUsage() -> [Effect] {
        atomsScreen.usage.status = .stopped
        // Not how many: one that is under way may still be told of.
        notice = "stopped; u measures the others of the \(atomsScreen.usage.total) images"
        return [.stopUsage]
    }

    mutating func hearUsage(_ news: UsageNews) {
        switch news {
        case .progress(let number, let done, let total, let unreadable):
            guard number == atomsScreen.usage.number else { return }
            (atomsScreen.usage.done, atomsScreen.usage.total, atomsScreen.usage.unreadable) = (done, total, unreadable)
        case .known(let number, let usage):
            guard number == atomsScreen.usage.number else { return }
            let chosen = chosenRecord?.address
            atomsScreen.usage.set(usage)
            // The table's status, its order and its filter know of the dead from here on.
            for i in atomsScreen.records.indices {
                atomsScreen.records[i].isDead = atomsScreen.usage.byAddress[atomsScreen.records[i].address]?.isDead
            }
            select { $0.address == chosen }
        case .ended(let number):
            guard number == atomsScreen.usage.number, atomsScreen.usage.isRunning else { return }
            atomsScreen.usage.status = .done
            let (total, unread) = (atomsScreen.usage.total, atomsScreen.usage.unreadable)
            notice = "measured use over \(total - unread) images" + (unread == 0 ? "" : "; \(unread) could not be read")
        case .failed(let number, let line):
            guard number == atomsScreen.usage.number else { return }
            atomsScreen.usage.status = .failed(line)
        }
    }

    /// To the Ask screen with the chosen one of the top images.
    mutating func goToTopImage() -> [Effect] {
        let top = chosenTop
        guard top.indices.contains(atomsScreen.usage.list.selected) else {
            return refuse(top.isEmpty ? "there are no top images yet; u measures the use" : "no image is chosen")
        }
        let path = top[atomsScreen.usage.list.selected].image
        guard let row = images.firstIndex(where: { $0.path == path }) else {
            return refuse("that image is no longer in the list; r reads the folder again")
        }
        setFocus(.images)
        return selectImage(row)
    }
}
