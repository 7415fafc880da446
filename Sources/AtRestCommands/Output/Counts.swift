/// `1 object`, `2,000 objects`.
func plural(_ count: Int, _ noun: String) -> String {
    "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// A count with a comma behind each third digit from the right.
func grouped(_ count: Int) -> String {
    var text = ""
    for (index, digit) in String(count).reversed().enumerated() {
        if index > 0, index.isMultiple(of: 3), digit != "-" { text.append(",") }
        text.append(digit)
    }
    return String(text.reversed())
}

/// A size in megabytes of a million bytes: `12.3 MB`.
func megabytes(_ bytes: Int) -> String {
    // Rounded, without a sum that could overflow.
    let tenths = bytes / 100_000 + (bytes % 100_000 >= 50_000 ? 1 : 0)
    return "\(grouped(tenths / 10)).\(tenths % 10) MB"
}
