/// The digits as 5 x 7 bitmaps, one byte a row, the leftmost column in bit 4.
public enum SceneGlyphs {
    public static let width = 5
    public static let height = 7

    /// Ten digits, seven rows each.
    static let rows: [[UInt8]] = [
        [0b01110, 0b10001, 0b10001, 0b10001, 0b10001, 0b10001, 0b01110],
        [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
        [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
        [0b11110, 0b00001, 0b00001, 0b01110, 0b00001, 0b00001, 0b11110],
        [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
        [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
        [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
        [0b11111, 0b00001, 0b00010, 0b00100, 0b00100, 0b01000, 0b01000],
        [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
        [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
    ]

    /// Whether the glyph of `digit` (0 to 9) has ink in a cell; false outside the bitmap.
    @inline(__always)
    public static func hasInk(digit: Int, column: Int, row: Int) -> Bool {
        guard digit >= 0, digit < 10, column >= 0, column < width, row >= 0, row < height else { return false }
        return (rows[digit][row] >> UInt8(width - 1 - column)) & 1 == 1
    }
}
