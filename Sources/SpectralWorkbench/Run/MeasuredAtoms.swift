// From the lens's values to what the panes show.

import SpectralLens
import SpectralModel
import SpectralScreen

/// Gathers the attributions of one answer, stack by stack.
struct MeasuredAtoms {
    /// Fusion first: it is where image and words meet, and what the answer reads.
    static let order: [AtomStack] = [.fusion, .vision, .text]
    /// Columns of the alignment: few enough to be told apart.
    static let alignedAtoms = 12

    private let trace: AnswerTrace
    private(set) var measurement = Measurement()

    init(trace: AnswerTrace) {
        self.trace = trace
        measurement.status = .running
        measurement.phase = trace.alignment()
        measurement.patchWords = trace.wordPatches()
        measurement.reading = trace.wordReading()
        measurement.words = trace.words.map(Self.word)
    }

    mutating func add(_ attribution: Attribution, of stack: AtomStack) {
        measurement.stacks.append(stack)
        measurement.unit = attribution.unit
        measurement.baseline = attribution.baseline
        let records = trace.table(stack)?.records ?? []
        measurement.atoms += attribution.effects.compactMap { effect in
            records.indices.contains(effect.atom) ? AtomRow(effect, records[effect.atom]) : nil
        }
        measurement.atoms.sort { a, b in
            let (x, y) = (a.effect.magnitude, b.effect.magnitude)
            return x == y ? "\(a.address)" < "\(b.address)" : x > y
        }
        if stack == .fusion { align(attribution) }
    }

    private mutating func align(_ attribution: Attribution) {
        guard let alignment = measurement.phase else { return }
        let columns = attribution.effects.prefix(Self.alignedAtoms).compactMap { alignment.atoms.firstIndex(of: $0.atom) }
        measurement.alignedAtoms = columns.map { alignment.atoms[$0] }
        let title = "words x \(columns.count) of \(alignment.atoms.count) fusion atoms, layer \(alignment.layer)"
        func map(_ matrix: LensMatrix) -> Heatmap {
            var chosen = matrix
            chosen.columns = columns.count
            chosen.values = (0..<matrix.rows).flatMap { row in columns.map { matrix[row, $0] } }
            chosen.magnitudes = (0..<matrix.rows).flatMap { row in columns.map { matrix.magnitudes[row * matrix.columns + $0] } }
            chosen.columnLabels = columns.map { matrix.columnLabels[$0] }
            chosen.rowLabels = measurement.words
            return Heatmap(chosen, title: title)
        }
        measurement.alignment = map(alignment.alignment)
        measurement.angles = map(alignment.angle)
    }

    static func word(_ token: TraceToken) -> String { word(token.text) }

    /// A token's text as a label.
    static func word(_ text: String) -> String {
        let text = text.split { $0 == " " || $0.isNewline }.joined(separator: " ")
        return text.isEmpty ? "_" : text
    }
}

extension AtomRow {
    init(_ effect: AtomEffect, _ record: AtomRecord) {
        let w = record.frequency, isPlane = record.stack != .text
        self.init(
            address: effect.address, u: isPlane ? w[0] : nil, v: isPlane ? w[1] : nil,
            t: record.stack == .vision ? nil : w[w.count - 1], period: record.period, periodUnit: record.periodUnit,
            effect: effect.effect, energyShare: record.energyShare, flags: record.flags,
            imageParts: record.layers.compactMap(\.imagePart))
    }
}

extension AtomView {
    init(_ request: AtomViewRequest, detail: AtomDetail, trace: AnswerTrace) {
        let name = "\(request.address)"
        let field = detail.fieldSpectrum.map {
            NamedMap(
                name: "Spectrum of \(name)",
                map: Heatmap($0, title: "|field|; v down, u across; cycles per patch", merge: .maximum))
        }
        let line = detail.lineSpectrum.map {
            NamedMap(
                name: "Spectrum of \(name) along the text",
                map: Heatmap($0, title: "|line|, 0 to 0.5 cycles per token; periods", merge: .maximum))
        }
        let footprint = detail.footprintSpectrum.map {
            NamedMap(
                name: "Spectrum of \(name) in pixels",
                map: Heatmap($0, title: "|footprint|; v down, u across; cycles per pixel", merge: .maximum))
        }
        // A fusion atom that came from the text has nothing to show on the patches.
        let isAlongText = request.address.stack == .fusion
            && request.address.atom >= trace.atoms[.fusion]?.visionDerived ?? 0
        let spectra = (isAlongText ? [line, field] : [field, footprint, line]).compactMap { $0 }
        let patches = request.address.stack == .fusion
            ? trace.patchAlignment(word: request.word, atom: request.address.atom) : nil
        let subject = request.word.flatMap { trace.words.indices.contains($0) ? trace.words[$0] : nil }
            .map { "\"\(MeasuredAtoms.word($0))\"" } ?? "the question"
        self.init(
            turn: request.turn, address: request.address, word: request.word, spectra: spectra,
            patches: patches.map {
                NamedMap(
                    name: "Patches and \(subject), \(name)",
                    map: Heatmap($0.alignment, title: "phase alignment by patch, layer \($0.layer)"))
            })
    }
}

extension Heatmap {
    /// A lens's matrix for the screen; its scale is kept.
    init(_ matrix: LensMatrix, title: String, merge: Merge = .strongest) {
        let scale: Scale
        var values = matrix.values
        switch matrix.kind {
        case .linear: scale = .linear(minimum: matrix.low, maximum: matrix.high)
        case .decibel:
            values = matrix.magnitudes
            scale = Heatmap.decibelScale(of: values, floor: matrix.low)
        case .angle: scale = .phase(magnitudeFloor: matrix.maskFloor ?? 0)
        }
        self.init(
            title: title, unit: matrix.unit == "-1...1" ? "cosine" : "", rows: matrix.rows, columns: matrix.columns,
            values: values, scale: scale, magnitudes: matrix.kind == .decibel ? [] : matrix.magnitudes,
            rowLabels: matrix.rowLabels, columnLabels: matrix.columnLabels, merge: merge)
        if matrix.kind == .linear { magnitudeFloor = matrix.maskFloor ?? 0 }
    }
}
