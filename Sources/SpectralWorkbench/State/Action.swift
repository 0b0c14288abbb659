import SpectralEngine
import SpectralLens
import SpectralModel
import SpectralScreen

/// What can happen to the workbench.
public enum Action: Equatable, Sendable {
    case key(Key)
    /// Pasted as one piece.
    case paste(String)
    case resize(ScreenSize)
    /// Back from a stop, or the screen was disturbed.
    case refresh

    case checkpointLoaded(CheckpointFacts)
    case checkpointFailed(String)
    /// Paths to list, in order; `problem` when some could not be listed.
    case imagesListed([String], problem: String?)
    case imageRead(path: String, ImageEntry.Status)

    /// What the engine says of a turn.
    case engine(turn: Int, EngineEvent)
    case measured(turn: Int, MeasurementPart)
    case measurementEnded(turn: Int, isComplete: Bool)
    case measurementFailed(turn: Int, String)
    case atomViewed(AtomView)
    case atomViewFailed(AtomViewRequest, String)

    case sessionOpened(Session)
    case sessionRecording(Session)
    /// The recording has one entry more.
    case sessionGrown(Session)
    case sessionFailed(String)
    case replayed(Int, ReplayOutcome)
    case replayEnded(Int, problem: String?)
    /// One line on what became of saving a pane.
    case saved(String)

    case atomsListed([AtomRecord])
    case atomsFailed(String)
    case atomDetailed(AtomMaps)
    case atomDetailFailed(AtomMapsRequest, String)
    case usage(UsageNews)
    case coherent(AtomCoherence)
    case compare(CompareNews)

    /// What comes of a lens job.
    case lens(Int, LensNews)
}

/// What is known of an answer's atoms after one more stack.
public struct MeasurementPart: Equatable, Sendable {
    /// Replaces all rows known so far; largest effect first.
    public let measurement: Measurement

    public init(_ measurement: Measurement) { self.measurement = measurement }
}

/// What the workbench wants done; it never does anything itself.
public enum Effect: Equatable, Sendable {
    case loadCheckpoint
    case listImages
    case readImage(path: String)
    /// Run a request on an image and report as turn `id`.
    case answer(id: Int, TurnRequest)
    case measure(id: Int, TurnRequest)
    case viewAtom(AtomViewRequest, TurnRequest)
    case listAtoms
    case detailAtom(AtomMapsRequest)
    /// Measure the use of the atoms over images; `k`: vision atoms, nil for all.
    case measureUsage(number: Int, paths: [String], k: Int?)
    case stopUsage
    case findCoherence(AtomStack)
    case compare(CompareOrder)
    /// Look into an answer, in place of any other such look.
    case lens(id: Int, LensJob)
    case stopLens
    /// Stop answering and measuring turn `id`.
    case cancel(id: Int)
    case save(SaveRequest)
    case openSession(String)
    case recordSession(String)
    case recordTurn(Turn)
    case annotate(String, about: [String]?)
    case replaySession(Session, number: Int)
    case cancelReplay
    /// Send the whole screen again.
    case redraw
}
