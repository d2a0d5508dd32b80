"""Run notebooks: parameters, inspection, execution, state and progress, a module each."""
