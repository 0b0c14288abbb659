// A matrix that knows its gradient.
//
// Everything the model computes is two-dimensional, [rows, columns], row-major; a batch of spectra is [n * 2K, d].

/// Values [rows, columns] and, once something asked for it, the gradient of the loss with respect to them.
public final class Tensor {
    public let rows: Int
    public let columns: Int
    public let values: FloatBuffer
    /// Whether a loss can depend on these values in a way anyone wants to know.
    public let needsGradient: Bool
    /// Same shape as `values`; `nil` until a backward map has written to it, and again once it is cleared.
    public private(set) var gradient: FloatBuffer?
    /// Where the last gradient stood, for the next one.
    private var spare: FloatBuffer?
    private let pool: BufferPool?

    public var count: Int { rows * columns }

    init(rows: Int, columns: Int, values: FloatBuffer, needsGradient: Bool, pool: BufferPool?) {
        precondition(values.count == rows * columns, "\(values.count) values cannot be \(rows) x \(columns)")
        self.rows = rows
        self.columns = columns
        self.values = values
        self.needsGradient = needsGradient
        self.pool = pool
    }

    /// A constant, or (with `needsGradient`) a leaf whose gradient stays here after the backward pass.
    public convenience init(rows: Int, columns: Int, _ values: FloatBuffer, needsGradient: Bool = false) {
        self.init(rows: rows, columns: columns, values: values, needsGradient: needsGradient, pool: nil)
    }

    public convenience init(rows: Int, columns: Int, _ values: [Float], needsGradient: Bool = false) {
        self.init(rows: rows, columns: columns, FloatBuffer(values), needsGradient: needsGradient)
    }

    /// Where a backward map writes, and whether it must add (`keep`) or may overwrite.
    func gradientSink() -> (pointer: UnsafeMutablePointer<Float>, keep: Bool) {
        if let gradient { return (gradient.pointer, true) }
        let fresh = spare ?? FloatBuffer(count: count, pool: pool, zeroed: false)
        (gradient, spare) = (fresh, nil)
        return (fresh.pointer, false)
    }

    /// As `gradientSink`, cleared first when fresh: for maps that add to a part of the rows only.
    func clearedGradient() -> UnsafeMutablePointer<Float> {
        let (pointer, keep) = gradientSink()
        if !keep { gradient?.clear() }
        return pointer
    }

    /// Adds the gradient of a tensor whose backward half is done with it: taken over whole where there is none yet.
    ///
    /// Leaves copy, since theirs outlives the tape.
    func inheritGradient(_ dy: FloatBuffer) {
        guard needsGradient else { return }
        guard gradient == nil, pool != nil else { return addScaled(dy, 1, to: self) }
        precondition(dy.count == count, "a gradient of \(dy.count) floats for \(count)")
        gradient = dy
    }

    /// The gradient for a caller outside this module, cleared when fresh, to add to.
    public func addToGradient(_ body: (UnsafeMutableBufferPointer<Float>) -> Void) {
        body(UnsafeMutableBufferPointer(start: clearedGradient(), count: count))
    }

    /// Forgets the gradient: what no backward map writes to afterwards has none, whatever it had before.
    public func clearGradient() {
        if let gradient { (spare, self.gradient) = (gradient, nil) }
    }

    var pointer: UnsafeMutablePointer<Float> { values.pointer }
}
