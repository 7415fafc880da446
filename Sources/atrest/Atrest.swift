import ArgumentParser
import AtRestCommands

@main
struct Entry {
    static func main() async {
        await AtRest.main()
    }
}
