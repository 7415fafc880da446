/// Keeps of a long text, as it arrives, the lines with a certain beginning.
struct LineFilter {
    private let beginning: [UInt8]
    /// What the current line has so far; empty where it is being passed over.
    private var line: [UInt8] = []
    private var isPassedOver = false
    private var whole: [UInt8] = []

    init(beginning: String) {
        self.beginning = Array(beginning.utf8)
    }

    /// What was kept of everything that was added, an unfinished last line included.
    var kept: [UInt8] { line.count >= beginning.count ? whole + line : whole }

    /// How many bytes are held.
    var count: Int { whole.count + line.count }

    mutating func add(_ bytes: some Sequence<UInt8>) {
        let newline = UInt8(ascii: "\n")
        for byte in bytes {
            if byte == newline {
                if !isPassedOver, line.count >= beginning.count { whole += line + [newline] }
                line = []
                isPassedOver = false
            } else if !isPassedOver {
                line.append(byte)
                if line.count <= beginning.count, byte != beginning[line.count - 1] {
                    line = []
                    isPassedOver = true
                }
            }
        }
    }
}
