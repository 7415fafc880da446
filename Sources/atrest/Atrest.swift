import ArgumentParser
import AtRestCommands

@main
struct Entry {
    static func main() async {
        MemoryProtection.apply()
        await AtRest.launch()
    }
}
