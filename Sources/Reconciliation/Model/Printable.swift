extension Unicode.Scalar {
    /// False for what a terminal would act on, or would not show: control characters, those that change a text's direction,
    /// line separators, and what no font has.
    package var isPrintable: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: false
        default: true
        }
    }
}

extension StringProtocol {
    /// One line that can do no harm on a terminal: what is not printable becomes a blank, and what is too long is cut.
    package func printable(limit: Int) -> String {
        // A character may have any number of scalars.
        let line = unicodeScalars.prefix(limit * 4).map { $0.isPrintable ? $0 : " " }
        let text = String(String.UnicodeScalarView(line))
        return text.count > limit || line.count < unicodeScalars.count ? text.prefix(limit) + "…" : text
    }
}
