//! The playbook as a list of steps.

/// A step of the playbook.
#[derive(Debug)]
pub enum Step {
    /// A block of shell commands.
    Block(String),
    /// A point of a check list: its text, and the commands in it.
    Point(String, Vec<String>),
    /// What is marked as being outside.
    Outside(String),
    /// A heading: what follows may start from another state.
    Heading(String),
}

const MARK: &str = "**outside**";
/// A code span is a command where it begins with one of these and has an argument.
const PROGRAMS: [&str; 9] = ["psql", "pg_dump", "pg_restore", "trust-schema", "test", "grep", "tail", "cat", "supabase"];

/// Reads the document.
pub fn steps(text: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let (mut section_outside, mut paragraph_outside) = (false, false);
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line == "```bash" {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            match paragraph_outside || section_outside {
                true => steps.extend(block.iter().map(|line| Step::Outside((*line).to_owned()))),
                false => steps.push(Step::Block(block.join("\n"))),
            }
            paragraph_outside = false;
        } else if line.starts_with('#') {
            section_outside = line.contains(MARK);
            paragraph_outside = false;
            if section_outside {
                steps.push(Step::Outside(line.to_owned()));
            }
            steps.push(Step::Heading(line.trim_start_matches(['#', ' ']).to_owned()));
        } else if let Some(point) = line.strip_prefix("- [ ] ") {
            steps.push(match section_outside || point.contains(MARK) {
                true => Step::Outside(point.to_owned()),
                false => Step::Point(point.to_owned(), commands(point)),
            });
        } else if !line.is_empty() {
            // The line that explains the mark.
            let marked = line.contains(MARK) && !line.contains("is marked");
            if marked {
                steps.push(Step::Outside(line.to_owned()));
            }
            paragraph_outside = marked;
        }
    }
    steps
}

fn commands(point: &str) -> Vec<String> {
    let spans = point.split('`').skip(1).step_by(2);
    let runs = |span: &&str| span.split_once(' ').is_some_and(|(program, _)| PROGRAMS.contains(&program));
    spans.filter(runs).map(str::to_owned).collect()
}
