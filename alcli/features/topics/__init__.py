"""From records to topics: what a method is fitted on, what is kept, and the step."""
