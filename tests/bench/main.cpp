// SPDX-License-Identifier: MPL-2.0
#include "tests/bench/scenarios/scenarios.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace Carillon::Bench;

namespace {

constexpr const char Usage[] = R"(carillon-bench [options]
Starts `carillon serve` on free ports of loopback and measures it.

  --server FILE        the program; else CARILLON_BIN, else `carillon` beside this one
  --quick              with few clients, a minute in all
  --only NAME          one scenario; may be repeated
  --list               names them
  --json FILE          writes the figures as JSON too
  --transport NAME     the setting `transport`
  --set NAME=VALUE     any other setting of the server
  --directory DIR      where its database is made (the default: for temporary files)
  --limit MINUTES      ends after so long (the default: 30)
)";

struct CommandLine
{
    Options options;
    std::vector<std::string> only;
    std::string json;
};

[[noreturn]] void refuse(const std::string &why)
{
    std::fprintf(stderr, "carillon-bench: %s (see --help)\n", why.c_str());
    std::exit(2);
}

bool isScenario(std::string_view name)
{
    return std::ranges::find(Scenarios, name, &NamedScenario::name) != std::end(Scenarios);
}

std::string defaultServer()
{
    if (const char *named = std::getenv("CARILLON_BIN"))
        return named;
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).replace_filename("carillon");
}

void set(Options &options, const std::string &setting)
{
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos)
        refuse("--set takes NAME=VALUE");
    options.settings[setting.substr(0, equals)] = setting.substr(equals + 1);
}

CommandLine parse(const std::vector<std::string> &arguments)
{
    CommandLine line;
    Options &options = line.options;
    options.server = defaultServer();
    options.directory = std::filesystem::temp_directory_path();
    int minutes = 30;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string &name = arguments[i];
        const auto value = [&]() -> const std::string & {
            if (++i == arguments.size())
                refuse(name + " needs a value");
            return arguments[i];
        };
        if (name == "--quick") {
            options.quick = true;
        } else if (name == "--server") {
            options.server = value();
        } else if (name == "--only") {
            line.only.push_back(value());
            if (!isScenario(line.only.back()))
                refuse("there is no scenario " + line.only.back());
        } else if (name == "--json") {
            line.json = value();
        } else if (name == "--transport") {
            options.settings["transport"] = value();
        } else if (name == "--set") {
            set(options, value());
        } else if (name == "--directory") {
            options.directory = value();
        } else if (name == "--limit") {
            const std::string &text = value();
            const auto read = std::from_chars(text.data(), text.data() + text.size(), minutes);
            if (read.ec != std::errc() || minutes < 1)
                refuse("--limit takes minutes");
        } else if (name == "--list") {
            for (const NamedScenario &scenario : Scenarios)
                std::printf("%s\n", std::string(scenario.name).c_str());
            std::exit(0);
        } else if (name == "--help" || name == "-h") {
            std::fputs(Usage, stdout);
            std::exit(0);
        } else {
            refuse("unknown option: " + name);
        }
    }
    options.limit = now() + std::chrono::minutes(minutes);
    return line;
}

Machine machineOf(const Options &options)
{
    Machine machine = thisMachine(options.directory);
    const auto transport = options.settings.find("transport");
    machine.transport = transport == options.settings.end() ? "default" : transport->second;
    if (machine.isBusy())
        std::fprintf(stderr,
                     "The load average is %.1f: this machine is busy, the figures will be worse"
                     " than they are.\n",
                     machine.load);
    return machine;
}

} // namespace

int main(int argc, char **argv)
{
    CommandLine line = parse(std::vector<std::string>(argv + 1, argv + argc));
    line.options.descriptors = raiseDescriptorLimit();
    Report report(machineOf(line.options));
    for (const NamedScenario &scenario : Scenarios) {
        const bool wanted =
            line.only.empty() || std::ranges::find(line.only, scenario.name) != line.only.end();
        if (!wanted)
            continue;
        std::fprintf(stderr, "%s\n", std::string(scenario.name).c_str());
        if (now() >= line.options.limit)
            report.fail(scenario.name, "not begun: the time is over (--limit)");
        else if (const auto done = scenario.run(line.options, report); !done)
            report.fail(scenario.name, done.error());
    }
    report.setLoadAtEnd(loadAverage());
    std::fputs(report.markdown().c_str(), stdout);
    if (!line.json.empty() && !(std::ofstream(line.json) << report.json()))
        refuse("cannot write " + line.json);
    return report.hasFailures() ? 1 : 0;
}
