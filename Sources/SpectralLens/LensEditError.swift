import SpectralFormats
import SpectralModel

/// Why an edit cannot be made.
public enum LensEditError: Error, CustomStringConvertible, Equatable {
    /// A selection or its number is spelled in a way that means nothing.
    case unreadable(text: String, expected: String)
    case noSuchLayer(selection: String, layers: Int)
    case noSuchAtom(selection: String, atoms: Int)
    /// A smaller K leaves the atom out.
    case notInUse(selection: String, k: Int)
    /// No atom in use has such a frequency; those in use run from `lowest` to `highest`.
    case emptyBand(band: String, lowest: Float, highest: Float, unit: String)
    /// Controls never hold an edited atom, and too few others are in use.
    case tooFewForControls(stack: AtomStack, selected: Int, others: Int)

    public var description: String {
        switch self {
        case .unreadable(let text, let expected):
            "cannot read \"\(MessageText.printable(text))\": expected \(expected)"
        case .noSuchLayer(let selection, let layers): "\(selection): no such layer; choose 0 to \(layers - 1)"
        case .noSuchAtom(let selection, let atoms): "\(selection): no such atom; choose 0 to \(atoms - 1)"
        case .notInUse(let selection, let k): "\(selection): not in use at K \(k); choose a larger K or another atom"
        case .emptyBand(let band, let lowest, let highest, let unit):
            "\(band): no atom in use has such a frequency; those in use run from \(lowest) to \(highest) cycles per \(unit)"
        case .tooFewForControls(let stack, let selected, let others):
            "no controls of equal size: the edits select \(selected) \(stack.rawValue) atoms and only \(others) others are in "
                + "use; select fewer, or ask for 0 controls"
        }
    }
}
