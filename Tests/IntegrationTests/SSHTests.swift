import Testing

extension OnTheSandbox {
    @Test("a way in that ssh knows => plan sees every host by it, and nothing is left of it", arguments: WayIn.all)
    func wayIn(way: WayIn) async throws {
        let atrest = try AtRest()
        let before = try Sandbox.sshdLogs()
        let run = try await Sandbox.withBastion(if: way.needsBastion) { try await way.plan(atrest) }
        #expect(run.status == 0, "\(run.errors)")
        let beginnings = ["Cluster \"sandbox\", 3 ", "Nothing to do"]
        #expect(beginnings.contains { run.output.hasPrefix($0) }, "\(run.output)")
        for (log, old) in zip(try Sandbox.sshdLogs(), before) {
            let lines = log.dropFirst(old.count).split(separator: "\n")
            #expect(lines.contains { line in way.login.allSatisfy { line.contains($0) } }, "\(lines)")
        }
        #expect(try await atrest.filesLeft() == "")
        #expect(try await atrest.processesLeft() == "")
    }

    @Test("atrest killed behind a bastion => its connections end by themselves, the next run removes the rest")
    func killedOnItsWay() async throws {
        try await Sandbox.withBastion {
            let atrest = try AtRest()
            let plan = ["plan", "--debug"] + AtRest.inputs(output: Sandbox.state + "/output-bastion.json")
            let killed = try await atrest.watched(plan) { $0.contains("connected") ? .kill : .goOn }
            #expect(killed.status == 128 + 9)
            #expect(try await atrest.filesLeft().contains("/run/atrest-ssh-"))
            try await Sandbox.waitUntil("no ssh is left") { try await atrest.processesLeft() == "" }
            let next = try await atrest(plan)
            #expect(next.status == 0, "\(next.errors)")
            #expect(try await atrest.filesLeft() == "")
        }
    }
}
