// What the panes that are tables hold, as figures: not what fits on the screen but all rows, and every digit.

import SpectralLens
import SpectralModel
import SpectralScreen

extension WorkbenchState {
    private typealias Cell = ExportFigures.Cell

    /// The figures of the pane with the focus; nil where it has none to give.
    var focusedFigures: ExportFigures? {
        let figures: ExportFigures? =
            switch focus {
            case .images: imageFigures
            case .conversation: turnFigures
            case .atoms: atomFigures(title: "Atoms that mattered")
            case .rank: atomFigures(title: "Atoms by what muting each alone does")
            case .table: recordFigures
            case .usage: useFigures
            case .figures: columnFigures
            case .matches: matchFigures
            case .edits: lensScreen.findings == nil ? editFigures : resultFigures
            case .result: resultFigures
            case .controls: controlFigures
            case .prompt, .spectrum, .alignment, .field, .pixels, .coherence, .maps, .entries, .entry: nil
            }
        return figures.flatMap { $0.rows.isEmpty ? nil : $0 }
    }

    // MARK: Ask

    private var imageFigures: ExportFigures {
        ExportFigures(
            title: "Images", columns: ["name", "width", "height", "asked", "problem"],
            rows: images.map { image in
                var size: (width: Int, height: Int)?, problem: String?
                switch image.status {
                case .ready(let facts): size = (facts.width, facts.height)
                case .broken(let line): problem = line
                case .unread: break
                }
                let asked = turns.count { $0.request.imagePath == image.path }
                return [
                    Cell(text: image.name), Cell(whole: size?.width), Cell(whole: size?.height), .whole(asked), Cell(text: problem),
                ]
            })
    }

    private var turnFigures: ExportFigures {
        let all = conversation
        let tokens = all.flatMap { turn in
            turn.tokens.map { [Cell.whole(turn.id), .text($0.text), .single($0.probability)] }
        }
        let candidates = all.flatMap { turn in
            turn.candidates.map { [Cell.whole(turn.id), .text($0.text), .single($0.probability)] }
        }
        return ExportFigures(
            title: "Answers about \(selectedImage?.name ?? "")",
            columns: [
                "turn", "parent", "task", "prompt", "output", "probability", "k", "milliseconds", "boxX", "boxY", "boxWidth",
                "boxHeight",
            ],
            rows: all.map { turn in
                [
                    .whole(turn.id), Cell(whole: turn.parent), .text(turn.request.task.rawValue), .text(turn.request.prompt),
                    Cell(text: turn.answer), Cell(single: turn.candidates.first?.probability), Cell(whole: turn.k),
                    Cell(double: showsTimes ? turn.milliseconds : nil), Cell(double: turn.box?.x), Cell(double: turn.box?.y),
                    Cell(double: turn.box?.width),
                    Cell(double: turn.box?.height),
                ]
            },
            parts: [
                ExportFigures(title: "answers", columns: ["turn", "answer", "probability"], rows: candidates),
                ExportFigures(title: "tokens", columns: ["turn", "token", "probability"], rows: tokens),
            ])
    }

    /// The change is what the answer gains when the atom goes, as on the Lens screen; the effect is what it loses.
    private func atomFigures(title: String) -> ExportFigures {
        let told = shownTurn?.measurement ?? Measurement()
        return ExportFigures(
            title: "\(title), in \(told.unit)",
            columns: ["atom", "effect", "change", "u", "v", "t", "period", "periodUnit", "energyShare", "status"],
            rows: told.atoms.map { atom in
                [
                    .text("\(atom.address)"), .single(atom.effect), .single(-atom.effect), Cell(single: atom.u),
                    Cell(single: atom.v), Cell(single: atom.t),
                    Cell(single: atom.period), .text(atom.periodUnit), Cell(single: atom.energyShare), .text(atom.flags),
                ]
            })
    }

    // MARK: Atoms

    private var recordFigures: ExportFigures {
        let told = measuredAtoms, listed = listedAtoms
        let layers = listed.flatMap { record in
            record.layers.map { use in
                [
                    Cell.text("\(record.address)"), .whole(use.layer), .single(use.amplitude), .single(use.phase),
                    .single(use.meanGain), Cell(single: use.meanCrossGain), Cell(single: use.meanSuffixGain),
                ]
            }
        }
        return ExportFigures(
            title: "Atoms",
            columns: [
                "atom", "u", "v", "t", "period", "periodUnit", "direction", "amplitude", "gain", "energyShare", "effect", "medianShare",
                "status",
            ],
            rows: listed.map { record in
                let answer = told[record.address]
                return [
                    .text("\(record.address)"), Cell(single: AtomColumn.u.value(record, nil, nil)),
                    Cell(single: AtomColumn.v.value(record, nil, nil)),
                    Cell(single: AtomColumn.t.value(record, nil, nil)), Cell(single: record.period), .text(record.periodUnit),
                    Cell(single: record.direction),
                    .single(record.amplitude), .single(record.meanGain), Cell(single: answer?.energyShare),
                    Cell(single: answer?.effect),
                    Cell(single: atomsScreen.usage.byAddress[record.address]?.median), .text(record.status),
                ]
            },
            parts: [
                ExportFigures(
                    title: "layers", columns: ["atom", "layer", "amplitude", "phase", "gain", "crossGain", "suffixGain"], rows: layers)
            ])
    }

    /// Shares of the energy over the listed images, one row an atom; the chosen one's histogram and top images as parts.
    private var useFigures: ExportFigures {
        let usage = atomsScreen.usage.usage, top = chosenTop, chosen = chosenUse.map { "\($0.address)" } ?? ""
        let spread = ShareHistogram(chosenUse?.shares ?? [], mostBins: 30)
        let zeros: [[Cell]] = spread.zeros > 0 ? [[.whole(0), .single(1e-9), .whole(spread.zeros)]] : []
        return ExportFigures(
            title: "Use over images",
            columns: [
                "atom", "n", "minimum", "lowerQuartile", "median", "upperQuartile", "maximum", "dead", "duplicateOf", "imageParts",
            ],
            rows: (usage?.atoms ?? []).map { use in
                [
                    .text("\(use.address)"), .whole(use.n), .single(use.minimum), .single(use.lowerQuartile), .single(use.median),
                    .single(use.upperQuartile), .single(use.maximum), .text("\(use.isDead)"), Cell(whole: use.duplicateOf),
                    .text(use.imageParts.map { "\($0)" }.joined(separator: " ")),
                ]
            },
            parts: [
                ExportFigures(
                    title: "histogram of \(chosen)", columns: ["low", "high", "images"],
                    rows: zeros + spread.bins.map { [.single($0.low), .single($0.high), .whole($0.count)] }),
                ExportFigures(
                    title: "top images of \(chosen)", columns: ["image", "share"],
                    rows: top.map { [.text($0.image), .single($0.share)] })
            ])
    }

    // MARK: Compare

    private var columnFigures: ExportFigures {
        ExportFigures(
            title: "Columns side by side",
            columns: [
                "checkpoint", "hash", "kind", "k", "visionAtoms", "caption", "answer", "probability", "boxX", "boxY", "boxWidth",
                "boxHeight", "sameAnswer", "sameCaption", "captionOverlap", "boxIoU", "milliseconds", "gflops", "stateBytes",
                "reconstructionError", "problem",
            ],
            rows: compareScreen.columns.map { column in
                let made = compared(column), output = made?.output, box = output?.box?.box, agreement = agreement(column)
                return [
                    .text(column.name), Cell(text: made?.column.hash), .text(kind(of: column).rawValue),
                    Cell(whole: column.hasAtoms ? column.k : nil), Cell(whole: column.hasAtoms ? column.visionAtoms : nil),
                    Cell(text: output?.caption?.caption), Cell(text: output?.answer?.answer),
                    Cell(single: output?.answer?.candidates.first?.probability), Cell(double: box?.x), Cell(double: box?.y),
                    Cell(double: box?.width),
                    Cell(double: box?.height), Cell(truth: agreement?.sameAnswer), Cell(truth: agreement?.sameCaption),
                    Cell(double: agreement?.captionOverlap), Cell(double: agreement?.boxIoU),
                    Cell(double: showsTimes ? output?.milliseconds : nil),
                    Cell(double: output?.operations.billions), Cell(whole: output?.stateBytes),
                    Cell(single: output?.reconstructionError),
                    Cell(text: comparisonFailure(column)),
                ]
            })
    }

    private var matchFigures: ExportFigures {
        let own = compareScreen, others = own.matched.dropFirst()
        // A row for each pair, so that the columns do not depend on how many are compared.
        let rows = own.matches.flatMap { match in
            zip(others, match.partners).compactMap { column, partner -> [Cell]? in
                if match.first == nil, partner == nil { return nil }
                let w = match.frequency, isPlane = match.stack != .text
                return [
                    .text(match.stack.rawValue), Cell(whole: match.first), Cell(single: isPlane ? w[0] : nil),
                    Cell(single: isPlane ? w[1] : nil),
                    Cell(single: match.stack == .vision ? nil : w.last), .text(column.name),
                    Cell(whole: column.hasAtoms ? column.k : nil),
                    Cell(whole: partner?.atom), Cell(single: match.first == nil ? nil : partner?.bins),
                    Cell(truth: match.first == nil ? nil : partner?.isConjugate),
                ]
            }
        }
        return ExportFigures(
            title: "Atoms paired by frequency with those of \(own.matched.first?.label ?? "the first column")",
            columns: ["stack", "first", "u", "v", "t", "column", "k", "other", "bins", "conjugate"], rows: rows)
    }

    // MARK: Lens

    private var editFigures: ExportFigures {
        ExportFigures(title: "Edits", columns: ["edit"], rows: lensScreen.edits.map { [.text($0.description)] })
    }

    /// The answer as it is, edited, and about other images; then its tokens, its answers and what was edited.
    private var resultFigures: ExportFigures? {
        guard let found = lensScreen.findings, let baseline = found.baseline else { return nil }
        typealias Reading = (condition: String, reading: OutputReading)
        let first: [Reading] = [("baseline", baseline)] + (found.edited.map { [("edited", $0)] } ?? [])
        let others: [Reading] = found.images.map { ($0.name, $0.reading) }, all = first + others
        let parts = found.parts.map { part in
            [
                Cell.text(part.part.stack.rawValue), .text(part.part.atoms.map(String.init).joined(separator: " ")),
                .text(
                    part.part.actions.map { action in
                        action.action.name + (action.action.value.map { " \($0)" } ?? "")
                            + (action.layer.map { " in layer \($0)" } ?? "")
                    }.joined(separator: ", ")), .single(part.energyShare),
            ]
        }
        return ExportFigures(
            title: "Result, in \(found.unit)", columns: ["condition", "output", "same", "score", "change", "divergence"],
            rows: all.map { condition, now in
                [
                    .text(condition), .text(now.text), Cell(truth: now.isSame), .single(now.score), .single(now.change),
                    Cell(single: now.divergence),
                ]
            },
            parts: [
                ExportFigures(title: "edits", columns: ["stack", "atoms", "actions", "energyShare"], rows: parts),
                ExportFigures(
                    title: "tokens", columns: ["condition", "token", "logProbability", "change", "divergence"],
                    rows: first.flatMap { condition, now in
                        now.tokens.map {
                            [
                                .text(condition), .text($0.text), .single($0.logProbability), .single($0.change),
                                .single($0.divergence),
                            ]
                        }
                    }),
                ExportFigures(
                    title: "answers", columns: ["condition", "answer", "probability"],
                    rows: first.flatMap { condition, now in
                        now.answers.map { [.text(condition), .text($0.text), .single($0.probability)] }
                    }),
            ] + (controlFigures.map { [$0] } ?? []))
    }

    private var controlFigures: ExportFigures? {
        guard let found = lensScreen.findings, !found.controls.isEmpty else { return nil }
        func list(_ parts: [String]) -> Cell { .text(parts.joined(separator: "; ")) }
        var parts: [ExportFigures] = []
        if let standing = found.standing {
            parts = [
                ExportFigures(
                    title: "standing",
                    columns: [
                        "effect", "count", "percentile", "pValue", "smallestPValue", "mean", "standardDeviation", "median",
                        "minimum", "maximum",
                    ],
                    rows: [
                        [
                            .single(standing.effect), .whole(found.controls.count), .single(standing.percentile),
                            .single(standing.pValue),
                            .single(standing.smallestPValue), .single(standing.mean), .single(standing.standardDeviation),
                            .single(standing.median), .single(standing.minimum), .single(standing.maximum),
                        ]
                    ])
            ]
        }
        return ExportFigures(
            title: "controls", columns: ["seed", "atoms", "energyRatios", "isWithinTolerance", "change", "divergence", "same"],
            rows: found.controls.map { set in
                [
                    .text("\(set.seed)"), list(set.atoms.map { $0.map(String.init).joined(separator: " ") }),
                    list(set.energyRatios.map { $0.map { "\($0)" } ?? "" }), .truth(set.isWithinTolerance), .single(set.change),
                    Cell(single: set.divergence), Cell(truth: set.isSame),
                ]
            }, parts: parts)
    }
}
